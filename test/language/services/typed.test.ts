/**
 * Completion for who writes a file from its top: the files that others wrote, cut off behind the first letter of what
 * a component or the SDK takes or has. What they went on with must be offered. `EVERY=1` asks at every such place.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { readMeanings } from "../../../language/python/front-end.ts";
import type { Meanings } from "../../../language/python/meanings.ts";
import { isKind, type TreeNode, visit } from "../../../language/python/tree.ts";
import { calleeOf } from "../../../language/services/calls.ts";
import { complete } from "../../../language/services/completion.ts";
import type { Files } from "../../../language/source.ts";
import { diskFiles } from "../python/disk-files.ts";

const corpus = resolve(import.meta.dirname, "../../../../shared/corpus");
const every = Number(process.env["EVERY"] ?? 7);
if (!existsSync(corpus)) console.log("No corpus beside the project: completion is not tried on it.");

/** A class in a text that a function makes a file of, never called before its end. */
const unread = new Set(["pipeline_with_google_artifact_type Artifact"]);

/** Modules of the SDK, which are no members of `kfp.dsl` that anybody would look for. */
const modules = new Set(["types", "structures", "placeholders"]);

/** The label that must be offered, and where the word begins that it stands for. */
function expected(meanings: Meanings, path: string, node: TreeNode): readonly [label: string, start: number][] {
  if (isKind(node, "call")) {
    const callee = calleeOf(meanings, path, node.callee);
    // Of what takes anything by name nothing can be offered.
    const parameters = callee?.kind === "sdk" ? callee.member.parameters : [];
    if (!callee || !parameters || parameters.some((one) => one.startsWith("**"))) return [];
    const taken = node.arguments.filter(({ form }) => form === "keyword");
    return taken.map(({ name = "", start }) => [`${name}=`, start]);
  }
  if (isKind(node, "attribute")) {
    const object = meanings.of(path, node.object);
    const isSdk = object?.kind === "module" && ["kfp.dsl", "kfp.kubernetes"].includes(object.name);
    return (isSdk && !modules.has(node.name)) || object?.kind === "task"
      ? [[node.name, node.end - node.name.length]]
      : [];
  }
  if (isKind(node, "subscript") && meanings.of(path, node.object)?.kind === "outputs") {
    const { index } = node;
    return isKind(index, "constant") && typeof index.value === "string" ? [[index.value, index.start + 1]] : [];
  }
  return [];
}

test.runIf(existsSync(corpus))("what was written is offered while it is written", { timeout: 600_000 }, () => {
  // SAFETY: the corpus's own index; its README names these fields.
  const cases = JSON.parse(readFileSync(`${corpus}/index.json`, "utf8")) as readonly {
    readonly name: string;
    readonly entry: string;
    readonly python_path?: readonly string[];
    readonly ok: boolean;
  }[];
  let places = 0;
  let asked = 0;
  const missed: string[] = [];
  for (const { name, entry, python_path = [] } of cases.filter(({ ok }) => ok)) {
    const path = `${corpus}/${name}/${entry}`;
    const options = { sdkVersion: "2.17.0", roots: python_path.map((root) => resolve(corpus, name, root)), env: {} };
    const text = readFileSync(path, "utf8");
    const meanings = readMeanings(path, diskFiles, options);
    visit(meanings.tree(path), (node) => {
      for (const [label, start] of expected(meanings, path, node)) {
        if (places++ % every !== 0) continue;
        asked++;
        const files: Files = {
          read: (file) => (file === path ? text.slice(0, start + 1) : diskFiles.read(file)),
          list: (folder) => diskFiles.list(folder),
        };
        const offered = complete(path, start + 1, { files, options, alone: false })?.entries ?? [];
        if (!unread.has(`${name} ${label}`) && !offered.some((entryOf) => entryOf.label === label)) {
          const line = text.slice(0, start).split("\n").length;
          missed.push(`${name}:${line}: ${label} of ${offered.length}`);
        }
      }
    });
  }
  console.log(`words begun in the corpus: ${asked}, of them offered ${asked - missed.length}`);
  expect(missed).toEqual([]);
  expect(asked).toBeGreaterThan(300);
});
