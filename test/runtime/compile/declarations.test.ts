/** The declarations under the project's own TypeScript: the sample and the twins are right, the mistakes are found. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { declarationPath } from "../../../language/declarations.ts";
import { writeTypes } from "../../../language/types-folder.ts";
import { workspaceTypes } from "../../../runtime/compile/declarations.ts";
import { diskFiles } from "../../../runtime/compile/disk.ts";

const project = join(import.meta.dirname, "../../..");
let root = "";

const wrong = `import { pipeline } from "millrace";
import { evaluate, load_data, train } from "./pipeline.py";
export const wrong = pipeline({}, () => {
  const { data } = load_data();
  train({});
  train({ dataset: 5 });
  evaluate({ dataset: data, model: data });
  train({ dataset: data }, { memroy: "1Gi" });
  const { metrics, other } = evaluate({ dataset: data, model: train({ dataset: data }).out_model });
  load_data({ rows: "many" });
});
`;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "types-"));
  cpSync(join(project, "samples/churn"), join(root, "churn"), { recursive: true });
  cpSync(join(project, "test/language/typescript/fixtures/twins"), join(root, "twins"), { recursive: true });
  cpSync(join(project, "test/runtime/compile/fixtures/bodies/bodies.ts"), join(root, "bodies.ts"));
  writeFileSync(join(root, "churn/wrong.ts"), wrong);
  writeTypes(root, await workspaceTypes(root, diskFiles()));
  const settings = {
    extends: "./.millrace/tsconfig.json",
    compilerOptions: {
      ...{ target: "es2023", module: "nodenext", strict: true, exactOptionalPropertyTypes: true },
      ...{ noUncheckedIndexedAccess: true, types: ["node"], typeRoots: [join(project, "node_modules/@types")] },
    },
    include: ["**/*.ts"],
  };
  writeFileSync(join(root, "tsconfig.json"), JSON.stringify(settings));
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
});

afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 9 }));

test("the sample and the twins have no type error; each mistake has its own", { timeout: 120_000 }, () => {
  const read = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const config: unknown = read.config;
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(parsed.fileNames, parsed.options);
  const errors = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, code, messageText }) => {
    const place = file ? `${relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}` : "";
    return `${place} ${code} ${ts.flattenDiagnosticMessageText(messageText, " ").slice(0, 90)}`;
  });
  expect(errors.map((each) => each.split(" ").slice(0, 2).join(" "))).toEqual([
    "churn/wrong.ts:5 2345",
    "churn/wrong.ts:6 2322",
    "churn/wrong.ts:7 2741",
    "churn/wrong.ts:8 2561",
    "churn/wrong.ts:9 2339",
    "churn/wrong.ts:10 2322",
  ]);
  expect(errors[0]).toContain("not assignable to parameter of type");
  expect(errors[1]).toContain("Type 'number' is not assignable to type 'Dataset'");
  expect(errors[2]).toContain("missing in type 'Dataset' but required in type 'Model'");
});

test("what is unchanged is not written again, what has gone is removed", async () => {
  const target = join(root, ".millrace/types/churn", "pipeline.d.py.ts");
  expect(declarationPath("churn/pipeline.py")).toBe("churn/pipeline.d.py.ts");
  expect(readFileSync(target, "utf8")).toContain(
    "export declare const train: Component<{ dataset: Dataset; n_estimators?: Int }, { out_model: Model }>;",
  );
  writeFileSync(join(root, "churn/pipeline.py"), "from kfp import dsl\n");
  writeTypes(root, await workspaceTypes(root, diskFiles(), [join(root, "churn/pipeline.py")]));
  expect(() => readFileSync(target, "utf8")).toThrow("ENOENT");
});
