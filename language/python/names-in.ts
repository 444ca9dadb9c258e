/** The names that a part of a syntax tree mentions, whatever they turn out to be there. */

export interface NamesIn {
  /** Each with the attributes that alone are asked of it; `whole` where it stands for itself. */
  readonly names: ReadonlyMap<string, ReadonlySet<string> | "whole">;
  /** It imports, or looks at names by other ways than by naming them. */
  readonly hidden: boolean;
}

const known = new WeakMap<object, NamesIn>();

/** Ways to what is not named: the frame, the module's dict, the function behind a component. */
const ways = new Set(
  "eval exec globals locals vars dir __import__ importlib inspect sys getattr setattr delattr hasattr python_func pipeline_func __wrapped__ __globals__ __closure__ __dict__ __builtins__".split(
    " ",
  ),
);

export function namesIn(part: object): NamesIn {
  const before = known.get(part);
  if (before) return before;
  const names = new Map<string, Set<string> | "whole">();
  let hidden = false;
  const whole = (name: string): void => {
    if (ways.has(name)) hidden = true;
    names.set(name, "whole");
  };
  const visit = (node: unknown, isType: boolean): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const one of node as readonly unknown[]) visit(one, isType);
      return;
    }
    // SAFETY: an object of the tree.
    const fields = node as Record<string, unknown>;
    switch (fields["kind"]) {
      case "name":
        return whole(String(fields["id"]));
      case "import":
      case "import-from":
        hidden = true;
        break;
      case "global":
      case "nonlocal":
        for (const one of fields["names"] as readonly string[]) whole(one);
        break;
      case "constant":
        // A type may be written as text.
        if (isType && typeof fields["value"] === "string")
          for (const [name] of fields["value"].matchAll(/[\p{XID_Start}_][\p{XID_Continue}]*/gu)) whole(name);
        return;
      case "attribute": {
        const name = String(fields["name"]);
        if (ways.has(name)) hidden = true;
        const object = fields["object"] as { readonly kind: string; readonly id?: string };
        if (object.kind !== "name" || object.id === undefined) break;
        const attributes = names.get(object.id) ?? new Set<string>();
        if (attributes !== "whole") names.set(object.id, attributes.add(name));
        if (ways.has(object.id)) hidden = true;
        return;
      }
      default:
    }
    for (const name in fields) visit(fields[name], isType || name === "annotation" || name === "returns");
  };
  visit(part, false);
  const found: NamesIn = { names, hidden };
  known.set(part, found);
  return found;
}
