import type { BuildFailure, Message, Metafile, OutputFile, Plugin } from "esbuild";
import { basename, dirname } from "node:path/posix";
import type { CompiledPipeline, ComponentBody } from "../../language/analyze.ts";
import type { Files } from "../../language/source.ts";
import { resolveModule } from "../../language/typescript/modules.ts";
import type { ComponentSpec, ExecutorSpec, PipelinePackage } from "../../language/spec/types.ts";
import { UserError } from "../user-error.ts";
import type { BodySignature } from "./body-runtime.ts";
import { exposeComponent } from "./expose-component.ts";
import { type NodeProgram, programContainer } from "./node-program.ts";
import { ownFile } from "./own-file.ts";

/** An Argo object holds about 1 MB, and a program is only a part of one. */
export const largestProgramBytes = 512 * 1024;

/**
 * The package with the programs of its TypeScript components in their executors.
 * Throws a UserError for a body that cannot be bundled or is too large.
 */
export async function fillBodies(compiled: CompiledPipeline, files: Files): Promise<PipelinePackage> {
  const { spec, platform } = compiled;
  const executors: Record<string, ExecutorSpec> = { ...spec.deploymentSpec.executors };
  const components = new Map(Object.values(spec.components ?? {}).map((each) => [each.executorLabel, each]));
  const programs = new Map<string, Promise<NodeProgram>>();
  for (const body of compiled.bodies) {
    const container = executors[body.executorLabel]?.container;
    if (!container) continue;
    const component = components.get(body.executorLabel) ?? {};
    // One component used under several labels is bundled once.
    const key = JSON.stringify([body.path, body.symbol]);
    const program = programs.get(key) ?? bundleBody(body, bodySignature(component), files);
    programs.set(key, program);
    executors[body.executorLabel] = {
      ...executors[body.executorLabel],
      container: programContainer(container, await program),
    };
  }
  return {
    spec: { ...spec, deploymentSpec: { ...spec.deploymentSpec, executors } },
    ...(platform ? { platform } : {}),
  };
}

/**
 * The program of one component: its body, the local modules and pure-JavaScript
 * packages that it uses, and the body's runtime. The bytes depend on the sources and
 * the version of esbuild only.
 */
export async function bundleBody(
  body: Pick<ComponentBody, "path" | "symbol" | "packages">,
  signature: BodySignature,
  files: Files,
): Promise<NodeProgram> {
  const { build } = await import("esbuild").catch((cause: unknown) => {
    throw new UserError("no-esbuild", "TypeScript components cannot be bundled: esbuild is not installed.", {
      action: "Run `npm install esbuild`.",
      cause,
    });
  });
  const entry = `import { made } from ${JSON.stringify(`./${basename(body.path)}`)};\nimport { runBody } from "millrace";\nawait runBody(made, ${JSON.stringify(signature)});\n`;
  const result = await build({
    stdin: { contents: entry, resolveDir: dirname(body.path), sourcefile: "component" },
    absWorkingDir: dirname(body.path),
    outfile: "component.mjs",
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    sourcemap: "linked",
    // Not the sources themselves: an edit elsewhere in the file must not change the map.
    sourcesContent: false,
    plugins: [bodyPlugin(body, files)],
    tsconfigRaw: { compilerOptions: {} },
  }).catch((error: unknown) => {
    throw bundleError(error, body);
  });
  const source = needsRequire(result.metafile)
    ? requireBanner + text(result.outputFiles, ".mjs")
    : text(result.outputFiles, ".mjs");
  checkSize(body, result.metafile, Buffer.byteLength(source));
  return { source, packages: body.packages, sourceMap: shifted(text(result.outputFiles, ".map"), source) };
}

/** What the spec says about a component, as its body's runtime needs it. */
export function bodySignature(component: ComponentSpec): BodySignature {
  const parameters = Object.entries(component.inputDefinitions?.parameters ?? {});
  const outputs = Object.entries(component.outputDefinitions?.parameters ?? {});
  const ofType = (type: string) => parameters.filter(([, each]) => each.parameterType === type).map(([name]) => name);
  return {
    lists: Object.entries(component.inputDefinitions?.artifacts ?? {})
      .filter(([, each]) => each.isArtifactList)
      .map(([name]) => name),
    statuses: ofType("TASK_FINAL_STATUS"),
    configs: ofType("TASK_CONFIG"),
    outputs: Object.fromEntries(outputs.map(([name, each]) => [name, each.parameterType])),
  };
}

/** CommonJS packages call `require` for Node's own modules. */
const requireBanner =
  'import { createRequire as millraceRequire } from "node:module"; const require = millraceRequire(import.meta.url);\n';

function needsRequire(metafile: Metafile): boolean {
  const output = Object.values(metafile.outputs).find((each) => each.entryPoint !== undefined);
  return Object.keys(output?.inputs ?? {}).some((input) => metafile.inputs[input]?.format === "cjs");
}

/** The map one line further down where a banner was put above the program. */
function shifted(map: string, source: string): string {
  // SAFETY: a source map of esbuild's, version 3.
  const parsed = JSON.parse(map) as { mappings: string };
  return JSON.stringify(source.startsWith(requireBanner) ? { ...parsed, mappings: `;${parsed.mappings}` } : parsed);
}

function text(outputs: readonly OutputFile[], suffix: string): string {
  return outputs.find((each) => each.path.endsWith(suffix))?.text ?? "";
}

function bodyPlugin(body: Pick<ComponentBody, "path" | "symbol" | "packages">, files: Files): Plugin {
  const installed = new Set(body.packages.map(packageName));
  return {
    name: "millrace",
    setup(build) {
      build.onResolve({ filter: /^millrace$/ }, () => ({
        path: "millrace",
        namespace: "millrace",
        sideEffects: false,
      }));
      build.onLoad({ filter: /.*/, namespace: "millrace" }, () => ({
        contents: ownFile("body-runtime.ts"),
        loader: "ts",
      }));

      // Components of other languages have no body here; only the pipeline uses them.
      build.onResolve({ filter: /\.(py|ya?ml)$/ }, ({ path }) => ({
        path,
        namespace: "component",
        sideEffects: false,
      }));
      build.onLoad({ filter: /.*/, namespace: "component" }, () => ({
        contents: "module.exports = {};",
        loader: "js",
      }));

      build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === resolving) return undefined;
        if (installed.has(packageName(path))) return { path, external: true, sideEffects: false };
        if (importer.includes("/node_modules/")) return undefined;
        // `paths` of the nearest tsconfig.json, as the front end reads them.
        const mapped = resolveModule(files, importer, path);
        if (mapped !== undefined && /\.(py|ya?ml)$/.test(mapped))
          return { path: mapped, namespace: "component", sideEffects: false };
        if (mapped !== undefined)
          return { path: mapped, sideEffects: importsForEffect(files.read(importer) ?? "", path) };
        if (kind !== "import-statement") return undefined;
        // What another component of the file imports must not come along.
        const resolved = await build.resolve(path, { kind, importer, resolveDir, pluginData: resolving });
        if (resolved.errors.length > 0 || importsForEffect(files.read(importer) ?? "", path)) return resolved;
        return { ...resolved, sideEffects: false };
      });

      build.onLoad({ filter: /\.[cm]?tsx?$/, namespace: "file" }, async ({ path }) => {
        const contents = path.includes("/node_modules/") ? undefined : files.read(path);
        if (contents === undefined) return undefined;
        const symbol = path === body.path ? body : undefined;
        return { contents: await exposeComponent(path, contents, symbol), loader: path.endsWith("x") ? "tsx" : "ts" };
      });
    },
  };
}

const resolving = Symbol("resolving");

function importsForEffect(source: string, path: string): boolean {
  return source.includes(`import "${path}"`) || source.includes(`import '${path}'`);
}

/** `@scope/name` or `name` of `@scope/name/deep`, `name@1.2`. */
function packageName(path: string): string {
  return /^(@[^/]+\/)?[^/@]+/.exec(path)?.[0] ?? path;
}

function checkSize(body: Pick<ComponentBody, "path" | "symbol">, metafile: Metafile, sizeBytes: number): void {
  if (sizeBytes <= largestProgramBytes) return;
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const largest = inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput).slice(0, 5);
  const named = largest.map(([path, { bytesInOutput }]) => `${path} (${kib(bytesInOutput)})`).join(", ");
  throw new UserError(
    "bundle-too-large",
    `The component "${body.symbol}" of ${body.path} bundles to ${kib(sizeBytes)}; ${kib(largestProgramBytes)} is the limit. Largest: ${named}.`,
    { action: "Name large packages in `packages`, so that they are installed in the image.", exit: 2 },
  );
}

function kib(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`;
}

function bundleError(error: unknown, body: Pick<ComponentBody, "path" | "symbol">): unknown {
  if (!(error instanceof Error) || !("errors" in error)) return error;
  // SAFETY: esbuild's `build` rejects with a BuildFailure, the one error that has `errors`.
  const [first] = (error as BuildFailure).errors;
  if (!first) return error;
  const action = advice(first);
  const message = `The component "${body.symbol}" cannot be bundled: ${place(first, body.path)}${first.text}.`;
  return new UserError("bundle-failed", message, {
    exit: 2,
    cause: error,
    ...(action === undefined ? {} : { action }),
  });
}

function place({ location }: Message, path: string): string {
  return location ? `${location.file === path ? path : location.file}:${location.line}:${location.column + 1}: ` : "";
}

function advice({ text: message }: Message): string | undefined {
  const missing = /^Could not resolve "([^"]+)"/.exec(message)?.[1];
  if (missing?.startsWith(".")) return "Check the path of the import.";
  if (missing !== undefined)
    return `Run \`npm install ${packageName(missing)}\`, or name it in the component's \`packages\`.`;
  if (message.includes('".node"'))
    return "A native add-on cannot be bundled: name its package in the component's `packages`.";
  return undefined;
}
