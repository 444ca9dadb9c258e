/** Compiled files, and components as YAML, with a few things wrong: the same one for the same numbers. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { numbersOf } from "../../support/watched.ts";
import { oldComponent } from "../python/program-components.ts";
import type { Pick } from "../python/program-values.ts";

/** One compiled file with changes in it. */
export function specMutant(seed: number, index: number): string {
  const pick = numbersOf(seed, index);
  const files = compiledFiles();
  const text = files[pick(files.length)] ?? "";
  return changed(text, pick, files);
}

/** A component of the SDK's first version; of three, two with changes. */
export function componentMutant(seed: number, index: number): string {
  const pick = numbersOf(seed, index);
  const { yaml } = oldComponent(pick, "step");
  return pick(3) === 0 ? yaml : changed(yaml, pick, [oldComponent(pick, "other").yaml]);
}

let found: readonly string[] | undefined;

/** What the SDK wrote for the project's own fixtures, and for the corpus where it lies beside the project. */
function compiledFiles(): readonly string[] {
  if (found) return found;
  const own = `${import.meta.dirname}/../python/fixtures`;
  const corpus = resolve(import.meta.dirname, "../../../../shared/corpus");
  const paths = [
    ...["own", "templates", "source-rules"].flatMap((folder) =>
      readdirSync(`${own}/${folder}`)
        .filter((name) => name.endsWith(".yaml"))
        .map((name) => `${own}/${folder}/${name}`),
    ),
    ...(existsSync(corpus) ? readdirSync(corpus).map((name) => `${corpus}/${name}/expected.yaml`) : []),
  ].filter((path) => existsSync(path));
  return (found = paths.map((path) => readFileSync(path, "utf8")).filter((text) => text.length < 30_000));
}

const scalars = [
  "null",
  "1",
  "-1",
  "1e3",
  "true",
  "y",
  "[]",
  "{}",
  "''",
  "'a: b'",
  "&a b",
  "*a",
  "!!str 1",
  "[a, {b: c}]",
];
const signs = "[]{}:-,'\"#&*!|>%@`?\n\t \0é\u2028";

function changed(text: string, pick: Pick, others: readonly string[]): string {
  const lines = text.split("\n");
  const start = pick(3) === 0 ? 0 : lines.findIndex((line) => !line.startsWith("#"));
  for (let changes = pick(2) === 0 ? 1 : 1 + pick(4); changes > 0; changes--) {
    const at = start + pick(Math.max(1, lines.length - start));
    const line = lines[at] ?? "";
    const other = lines[pick(lines.length)] ?? "";
    const key = /^\s*(?:- )?([^:\s][^:]*):/.exec(other)?.[1] ?? "x";
    switch (pick(10)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, line);
        break;
      case 2:
        lines.splice(at, 2, lines[at + 1] ?? "", line);
        break;
      case 3:
        lines[at] = `  ${line}`;
        break;
      case 4:
        lines[at] = line.replace(/^ {2}/, "");
        break;
      case 5:
        lines[at] = line.replace(/: .*$/, `: ${scalars[pick(scalars.length)] ?? ""}`);
        break;
      case 6:
        lines[at] = line.replace(/^(\s*(?:- )?)[^:\s][^:]*:/, `$1${key}:`);
        break;
      case 7:
        lines[at] =
          line.slice(0, pick(line.length + 1)) + (signs[pick(signs.length)] ?? "") + line.slice(pick(line.length + 1));
        break;
      case 8:
        lines[at] = (/^ */.exec(line)?.[0] ?? "") + other.trimStart();
        break;
      default: {
        const from = (others[pick(others.length)] ?? "").split("\n");
        const first = pick(from.length);
        lines.splice(at, pick(3), ...from.slice(first, first + 1 + pick(6)));
      }
    }
  }
  return lines.join("\n");
}
