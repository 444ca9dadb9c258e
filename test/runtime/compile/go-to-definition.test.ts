/** TypeScript's own server over the declaration maps: go to definition lands in the Python file. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeTypes } from "../../../language/types-folder.ts";
import { workspaceTypes } from "../../../runtime/compile/declarations.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";

const project = join(import.meta.dirname, "../../..");
const root = mkdtempSync(join(tmpdir(), "definition-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));

interface Place {
  readonly line: number;
  readonly offset: number;
}

test("from a component and from an input of it", { timeout: 60_000 }, async () => {
  cpSync(join(project, "samples/churn"), root, { recursive: true });
  writeTypes(root, await workspaceTypes(root, diskFiles()));
  const [file, python] = [join(root, "pipeline.ts"), join(root, "pipeline.py")];
  const [text, pythonText] = [file, python].map((path) => readFileSync(path, "utf8").split("\n"));
  const line = text?.findIndex((each) => each.includes("= train(")) ?? -1;

  const tsserver = join(project, "node_modules/typescript/lib/tsserver.js");
  const server = spawn(process.execPath, [tsserver, "--disableAutomaticTypingAcquisition"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  try {
    const definition = async (seq: number, name: string): Promise<string> => {
      const offset = (text?.[line]?.indexOf(name) ?? -1) + 1;
      const request = { seq, type: "request", command: "definition", arguments: { file, line: line + 1, offset } };
      const answer = new Promise<string>((done) => {
        let out = "";
        server.stdout.on("data", (chunk: Buffer) => {
          out += chunk.toString();
          const found = out.split("\n").find((each) => each.includes(`"request_seq":${seq},`) && each.endsWith("}"));
          if (found !== undefined) done(found);
        });
      });
      server.stdin.write(`${JSON.stringify(request)}\n`);
      // SAFETY: what tsserver answers to `definition` (protocol.d.ts).
      const { body } = JSON.parse(await answer) as { body: readonly { file: string; start: Place; end: Place }[] };
      const place = body.find((each) => each.file === python);
      if (place?.start.line !== place?.end.line) throw new Error("the place is longer than a name");
      return (
        pythonText?.[(place?.start.line ?? 0) - 1]?.slice(
          (place?.start.offset ?? 1) - 1,
          (place?.end.offset ?? 1) - 1,
        ) ?? ""
      );
    };
    server.stdin.write(`${JSON.stringify({ seq: 1, type: "request", command: "open", arguments: { file } })}\n`);
    expect(await definition(2, "train")).toBe("train");
    expect(await definition(3, "n_estimators")).toBe("n_estimators");
  } finally {
    server.kill();
  }
});
