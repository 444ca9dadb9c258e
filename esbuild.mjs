// Bundles everything into dist/. `node esbuild.mjs` once, `--watch` to stay,
// `--natives [PLATFORM]` afterwards to put the two native packages beside the bundle for the VSIX.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, context } from "esbuild";

const watch = process.argv.includes("--watch");
const shared = {
  bundle: true,
  minify: !watch,
  sourcemap: watch,
  logLevel: "warning",
  legalComments: "none",
  target: "node20",
};
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

/** ESM for Node, split into chunks so that a command loads only what it needs. */
const node = {
  ...shared,
  define: { MILLRACE_VERSION: JSON.stringify(version) },
  entryPoints: {
    millrace: "runtime/cli/millrace.ts",
    "language-server": "language/server.ts",
    "layout-thread": "language/layout-thread.ts",
    "runtime-server": "runtime/server.ts",
  },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  platform: "node",
  splitting: true,
  external: ["better-sqlite3", "esbuild"],
  // What CommonJS packages (TypeScript among them) expect to find.
  banner: {
    js: [
      'import { createRequire as millraceRequire } from "node:module";',
      'import { fileURLToPath as millracePath } from "node:url";',
      "const require = millraceRequire(import.meta.url);",
      'const __filename = millracePath(import.meta.url), __dirname = millracePath(new URL(".", import.meta.url));',
    ].join(" "),
  },
};

const extension = {
  ...shared,
  entryPoints: { extension: "extension/extension.ts" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  platform: "node",
  external: ["vscode"],
};

/** What `import … from "millrace"` is in Node: the runtime of bodies, whose pipelines only refuse. */
const npmPackage = {
  ...shared,
  entryPoints: { millrace: "runtime/compile/body-runtime.ts" },
  outdir: "dist/compile",
  format: "esm",
  platform: "node",
};

const webview = {
  ...shared,
  entryPoints: {
    dag: "webview/dag/main.ts",
    lineage: "webview/lineage/main.ts",
    run: "webview/run/main.ts",
    renderer: "webview/renderer/main.ts",
  },
  outdir: "dist/webview",
  format: "esm",
  platform: "browser",
  target: "es2022",
};

const natives = process.argv.indexOf("--natives");
if (natives >= 0) {
  const platform = process.argv[natives + 1] ?? `${process.platform}-${process.arch}`;
  const copy = (path) =>
    cpSync(join("node_modules", path), join("dist/node_modules", path), { recursive: true, dereference: true });
  rmSync("dist/node_modules", { recursive: true, force: true });
  for (const part of ["package.json", "LICENSE", "lib"]) copy(`better-sqlite3/${part}`);
  for (const file of readdirSync("node_modules/better-sqlite3/prebuilds"))
    if (file.replace("musl", "") === `${platform}.node`) copy(`better-sqlite3/prebuilds/${file}`);
  for (const part of ["esbuild/package.json", "esbuild/LICENSE.md", "esbuild/lib/main.js", `@esbuild/${platform}`])
    copy(part);
  process.exit();
}

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist", { recursive: true });
// Read as text: the runtime of TypeScript bodies, which is bundled with each, and the types that users see.
for (const path of ["runtime/compile/body-runtime.ts", "language/millrace.d.ts"])
  cpSync(path, `dist/compile/${basename(path)}`);
const bundled = new Set();
for (const options of [node, extension, npmPackage, webview]) {
  if (watch) await (await context(options)).watch();
  else {
    const { metafile } = await build({ ...options, metafile: true });
    for (const path of Object.keys(metafile.inputs)) {
      const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
      if (name) bundled.add(path.slice(0, path.lastIndexOf(`node_modules/${name}/`)) + `node_modules/${name}`);
    }
  }
}
if (!watch) writeFileSync("dist/ThirdPartyNotices.txt", [...bundled].sort().map(notice).join("\n\n"));

/** Name, version and licence of a package that the bundles hold. */
function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), "utf8").trim() : "No licence text in the package."}\n\n---`;
}
