// Bundles everything into dist/. `node esbuild.mjs` once, `--watch` to stay,
// `--natives [PLATFORM]` afterwards to put the two native packages beside the bundle for the VSIX.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
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
for (const name of ["body-runtime.ts", "millrace.d.ts"]) cpSync(`runtime/compile/${name}`, `dist/compile/${name}`);
for (const options of [node, extension, webview]) {
  if (watch) await (await context(options)).watch();
  else await build(options);
}
