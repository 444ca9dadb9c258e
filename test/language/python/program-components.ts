/** Definitions of components: Python functions, containers, and files of the SDK's first version. */
import {
  type Artifact,
  artifacts,
  constant,
  isArtifact,
  oneOf,
  parameters,
  type Pick,
  quoted,
  rarely,
  several,
  text,
  type Type,
} from "./program-values.ts";

export interface Port {
  readonly name: string;
  readonly type: Type;
  /** A list of artifacts. */
  readonly list?: boolean;
  readonly optional?: boolean;
}

export interface Defined {
  readonly name: string;
  readonly kind: "python" | "container" | "yaml" | "pipeline";
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly source: string;
}

export const names: readonly [string, ...string[]] = [
  "x",
  "y",
  "data",
  "model_in",
  "n",
  "rate",
  "Text",
  "a1",
  "long_name_of_an_input",
];
const outs: readonly [string, ...string[]] = ["out", "result", "score", "model", "b", "Output", "c_2"];

export function component(pick: Pick, index: number): Defined {
  const name = oneOf(pick, ["step", "train_model", "Load", "a", "make_2"]) + String(index);
  switch (pick(6)) {
    case 0:
      return container(pick, name);
    case 1:
      return fromYaml(pick, name);
    default:
      return python(pick, name);
  }
}

/** Different names, in the order that they are given in. */
export function distinct(pick: Pick, from: readonly string[], most: number): string[] {
  return [...new Set(several(pick, most, () => from[pick(from.length)] ?? "x"))];
}

function typed(pick: Pick): Type {
  return rarely(pick, 3) ? oneOf(pick, artifacts) : oneOf(pick, parameters);
}

/** How a parameter's type is written. */
export function annotation(pick: Pick, type: Type): string {
  switch (type) {
    case "list":
      return oneOf(pick, ["list", "List", "List[str]", "List[int]", "List[Dict[str, int]]", "list[str]"]);
    case "dict":
      return oneOf(pick, ["dict", "Dict", "Dict[str, int]", "Dict[str, List[str]]", "dict[str, str]"]);
    default:
      return type;
  }
}

function python(pick: Pick, name: string): Defined {
  const inputs: Port[] = [];
  const required: string[] = [];
  const optional: string[] = [];
  for (const each of distinct(pick, names, 4)) {
    const type = typed(pick);
    if (isArtifact(type)) {
      const list = rarely(pick, 6);
      const inside = list ? `List[${type}]` : type;
      const isOptional = rarely(pick, 8);
      const written = rarely(pick, 8) && !list && !isOptional ? `InputPath("${type}")` : `Input[${inside}]`;
      if (isOptional) optional.push(`${each}: Optional[${written}] = None`);
      else required.push(`${each}: ${written}`);
      inputs.push({ name: each, type, list, optional: isOptional });
    } else {
      const isOptional = rarely(pick, 3);
      const written = annotation(pick, type);
      if (isOptional && rarely(pick, 4)) optional.push(`${each}: Optional[${written}] = None`);
      else if (isOptional && type === "str" && rarely(pick, 4)) optional.push(`${each}: Literal["a", "b c"] = "a"`);
      else if (isOptional) optional.push(`${each}: ${written} = ${constant(pick, type)}`);
      else required.push(`${each}: ${written}`);
      inputs.push({ name: each, type, optional: isOptional });
    }
  }
  const outputs: Port[] = [];
  for (const each of distinct(
    pick,
    outs.filter((one) => one !== "Output"),
    2,
  ).filter((one) => !names.includes(one))) {
    const type = rarely(pick, 2) ? oneOf(pick, artifacts) : oneOf(pick, parameters);
    required.push(isArtifact(type) ? `${each}: Output[${type}]` : `${each}: OutputPath(${type})`);
    outputs.push({ name: each, type });
  }
  const returned = returns(pick, outputs);
  const described = rarely(pick, 4);
  const doc = described
    ? [
        `    """${oneOf(pick, ["Does it.", "Does it: all of it.\n\n    At length, 'quoted'.", "Ein Schritt für 漢字."])}`,
        ...(inputs.length > 0 && rarely(pick, 2)
          ? [
              "",
              "    Args:",
              ...inputs.map(
                (port) =>
                  `        ${port.name}: ${oneOf(pick, ["Its value.", "What it is\n            on two lines.", "a: b"])}`,
              ),
            ]
          : []),
        '    """',
      ]
    : [];
  const options = componentOptions(pick);
  const source = [
    `@dsl.component${options.length > 0 ? `(${options.join(", ")})` : oneOf(pick, ["", "()"])}`,
    `def ${name}(${[...required, ...optional].join(", ")})${returned.annotation}:`,
    ...doc,
    ...body(pick),
    "",
  ].join("\n");
  return { name, kind: "python", inputs, outputs: [...outputs, ...returned.outputs], source };
}

function body(pick: Pick): string[] {
  return oneOf<string[]>(pick, [
    ["    pass"],
    ["    print('a')  # said", "    return None"],
    ["    import json", "", "    if True:", "        print(json.dumps({}))", "    # the end"],
    ["    text = '''a", "  b'''", "    def inner(z):", "        return z", "    return inner(text)"],
    ["    return 'é 😀'"],
  ]);
}

function returns(
  pick: Pick,
  taken: readonly Port[],
): { readonly annotation: string; readonly outputs: readonly Port[] } {
  if (rarely(pick, 3)) return { annotation: oneOf(pick, ["", " -> None"]), outputs: [] };
  if (rarely(pick, 3)) {
    const fields = distinct(pick, outs, 3).filter((one) => taken.every(({ name }) => name !== one));
    if (fields.length === 0) return { annotation: "", outputs: [] };
    const outputs = fields.map((name): Port => ({ name, type: typed(pick) }));
    const pairs = outputs.map(({ name, type }) => [name, annotation(pick, type)] as const);
    const written = rarely(pick, 2)
      ? `NamedTuple("Out", [${pairs.map(([name, type]) => `("${name}", ${type})`).join(", ")}])`
      : `NamedTuple("Out", ${pairs.map(([name, type]) => `${name}=${type}`).join(", ")})`;
    return { annotation: ` -> ${written}`, outputs };
  }
  const type = typed(pick);
  return { annotation: ` -> ${annotation(pick, type)}`, outputs: [{ name: "Output", type }] };
}

function componentOptions(pick: Pick): string[] {
  const all = [
    `base_image=${quoted(oneOf(pick, ["python:3.12", "a/b:c", "x@sha256:0"]))}`,
    `packages_to_install=[${several(pick, 2, () => quoted(oneOf(pick, ["pandas==2.2", "a[b]>=1,<2", "git+https://x/y@z", "kfp"]))).join(", ")}]`,
    'pip_index_urls=["https://a/simple", "https://b"]',
    'pip_trusted_hosts=["a"]',
    "install_kfp_package=False",
    "use_venv=True",
    'kfp_package_path="git+https://x/kfp"',
    'target_image="t:1"',
    "task_config_passthroughs=[dsl.TaskConfigField.RESOURCES]",
  ];
  return all.filter(() => rarely(pick, 12));
}

function container(pick: Pick, name: string): Defined {
  const ports = distinct(pick, names, 3).map((each): Port => ({ name: each, type: typed(pick) }));
  const made = distinct(pick, outs, 2)
    .filter((one) => one !== "Output")
    .map((each): Port => ({ name: each, type: rarely(pick, 2) ? oneOf(pick, artifacts) : oneOf(pick, parameters) }));
  const given = [
    ...ports.map(({ name: each, type }) =>
      isArtifact(type) ? `${each}: Input[${type}]` : `${each}: ${annotation(pick, type)}`,
    ),
    ...made.map(({ name: each, type }) =>
      isArtifact(type) ? `${each}: Output[${type}]` : `${each}: OutputPath(${type})`,
    ),
  ];
  const elements = [
    ...ports.map(({ name: each, type }) => (isArtifact(type) ? `${each}.${oneOf(pick, ["path", "uri"])}` : each)),
    ...made.map(({ name: each, type }) => (isArtifact(type) ? `${each}.${oneOf(pick, ["path", "uri"])}` : each)),
  ];
  const first = elements[0];
  const parameter = ports.find(({ type }) => !isArtifact(type));
  const command = [
    ...several(pick, 2, () => quoted(text(pick))),
    ...elements.filter(() => !rarely(pick, 4)),
    ...(parameter && rarely(pick, 3) ? [`dsl.ConcatPlaceholder(["--a=", ${parameter.name}, "b"])`] : []),
    ...(parameter && rarely(pick, 3)
      ? [`dsl.IfPresentPlaceholder(input_name="${parameter.name}", then=["-x", ${parameter.name}], else_=["no"])`]
      : []),
    ...(first !== undefined && rarely(pick, 3) ? [`f"--in={${first}} {1 + 1}"`] : []),
  ];
  const source = [
    "@dsl.container_component",
    `def ${name}(${given.join(", ")}):`,
    `    return dsl.ContainerSpec(image=${quoted(oneOf(pick, ["alpine", "a/b:c"]))}${
      rarely(pick, 4) ? "" : `, command=[${command.join(", ")}]`
    }${rarely(pick, 3) ? `, args=[${elements.join(", ")}]` : ""})`,
    "",
  ].join("\n");
  return { name, kind: "container", inputs: ports, outputs: made, source };
}

const oldTypes: Readonly<Record<Exclude<Type, Artifact>, readonly [string, ...string[]]>> = {
  str: ["String", "str", "Text"],
  int: ["Integer", "int"],
  float: ["Float", "Double", "float"],
  bool: ["Boolean", "Bool", "bool"],
  list: ["JsonArray", "List", "list"],
  dict: ["JsonObject", "Dict", "dict"],
};

/** A component as people wrote them in YAML. */
export function oldComponent(
  pick: Pick,
  name: string,
): { readonly yaml: string; readonly inputs: readonly Port[]; readonly outputs: readonly Port[] } {
  const written = (type: Type): string => (isArtifact(type) ? type : oneOf(pick, oldTypes[type]));
  const inputs: Port[] = [];
  const lines = [`name: ${oneOf(pick, [name, "My Component", "a-b_c", '"1 x"'])}`];
  if (rarely(pick, 3)) lines.push(`description: ${oneOf(pick, ["Does it", "'It: does'", "|\n  a\n  b"])}`);
  const ports = distinct(pick, ["x", "Some Input", "data-set", "n", "y_2"], 3);
  if (ports.length > 0) lines.push("inputs:");
  for (const each of ports) {
    const type = typed(pick);
    const standard = !isArtifact(type) && rarely(pick, 3);
    const optional = rarely(pick, 4);
    const value = { str: "'a b'", int: "'3'", float: "'0.5'", bool: "'True'", list: "'[1, 2]'", dict: "'{\"a\": 1}'" };
    lines.push(
      `- {name: ${each}, type: ${written(type)}${standard && !isArtifact(type) ? `, default: ${value[type]}` : ""}${optional ? ", optional: true" : ""}${rarely(pick, 4) ? ", description: 'what it is'" : ""}}`,
    );
    inputs.push({ name: ioName(each), type, optional: standard || optional });
  }
  const made = distinct(pick, ["out", "The Model", "c-d"], 2).map((each) => ({ each, type: typed(pick) }));
  if (made.length > 0) lines.push("outputs:");
  for (const { each, type } of made) lines.push(`- {name: ${each}, type: ${written(type)}}`);
  lines.push("implementation:", "  container:", "    image: alpine:3", "    command:", "    - sh");
  for (const [i, port] of inputs.entries()) {
    const key = isArtifact(port.type) ? oneOf(pick, ["inputPath", "inputUri"]) : "inputValue";
    const placeholder = `{${key}: ${ports[i] ?? ""}}`;
    if (rarely(pick, 5) && !isArtifact(port.type))
      lines.push(`    - {if: {cond: {isPresent: ${ports[i] ?? ""}}, then: [-x, ${placeholder}]}}`);
    else if (rarely(pick, 5)) lines.push(`    - {concat: ["a=", ${placeholder}]}`);
    else if (!rarely(pick, 5)) lines.push(`    - ${placeholder}`);
  }
  if (made.length > 0) lines.push("    args:");
  for (const { each, type } of made)
    lines.push(`    - {${isArtifact(type) ? oneOf(pick, ["outputPath", "outputUri"]) : "outputPath"}: ${each}}`);
  if (rarely(pick, 5)) lines.push("    env: {A: b}");
  return {
    yaml: `${lines.join("\n")}\n`,
    inputs,
    outputs: made.map(({ each, type }) => ({ name: ioName(each), type })),
  };
}

function fromYaml(pick: Pick, name: string): Defined {
  const { yaml, inputs, outputs } = oldComponent(pick, name);
  const source = `${name} = components.load_component_from_text(r"""\n${yaml}""")\n`;
  return { name, kind: "yaml", inputs, outputs, source };
}

function ioName(name: string): string {
  return name.toLowerCase().replaceAll(/[^_0-9a-z]+/g, "_");
}
