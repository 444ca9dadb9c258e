import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Text of a file of this folder, from the source tree or beside the bundles (`esbuild.mjs` copies it to `dist/compile`). */
export function ownFile(name: "body-runtime.ts"): string {
  const places = [`./${name}`, `./compile/${name}`, `../compile/${name}`].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const path = places.find((place) => existsSync(place));
  if (path === undefined) throw new Error(`${name} is not where Millrace was installed.`);
  return readFileSync(path, "utf8");
}
