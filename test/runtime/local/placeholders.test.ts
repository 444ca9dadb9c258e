import { describe, expect, test } from "vitest";
import {
  localPath,
  type PlaceholderValues,
  resolveCommand,
  resolveText,
  resolveValue,
} from "../../../runtime/local/placeholders.ts";

const artifact = (name: string, uri: string) => ({
  name,
  type: { schemaTitle: "system.Dataset" },
  uri,
  metadata: { rows: 3, owner: "me" },
});
const values: PlaceholderValues = {
  executorInput: {
    inputs: {
      parameterValues: {
        text: "hello",
        n: 3,
        half: 0.5,
        flag: true,
        list: [1, "a"],
        struct: { a: { b: 1 } },
        tricky: "{{$.inputs.parameters['n']}}",
      },
      artifacts: {
        data: { artifacts: [artifact("data", "/runs/1/data")] },
        many: { artifacts: [artifact("a", "gs://b/a"), artifact("b", "gs://b/b")] },
      },
    },
    outputs: {
      parameters: { p: { outputFile: "/runs/1/p" } },
      artifacts: { model: { artifacts: [artifact("model", "s3://b/model")] } },
      outputFile: "/runs/1/executor_output.json",
    },
  },
  jobName: "churn-r1",
  jobId: "r1",
  taskName: "train",
  taskId: "root.train",
  pipelineRoot: "/runs",
  workspacePath: "/workspace",
  createdAt: Date.UTC(2026, 10, 21, 10, 20, 30, 456),
};

test.each([
  ["no placeholder", "no placeholder"],
  ["{{$.inputs.parameters['text']}}!", "hello!"],
  ['{{$.inputs.parameters["text"]}}', "hello"],
  ["{{$.inputs.parameters['n']}} {{$.inputs.parameters['half']}} {{$.inputs.parameters['flag']}}", "3 0.5 true"],
  ["{{$.inputs.parameters['list']}} {{$.inputs.parameters['struct']}}", '[1,"a"] {"a":{"b":1}}'],
  ["{{$.inputs.parameters['absent']}}", "null"],
  // Brought in, not looked at again.
  ["{{$.inputs.parameters['tricky']}}", "{{$.inputs.parameters['n']}}"],
  [
    "{{$.inputs.artifacts['data'].uri}} {{$.inputs.artifacts['data'].path}} {{$.inputs.artifacts['data'].name}}",
    "/runs/1/data /runs/1/data data",
  ],
  [
    "{{$.inputs.artifacts['data'].metadata['rows']}} {{$.inputs.artifacts['data'].metadata}}",
    '3 {"rows":3,"owner":"me"}',
  ],
  ["{{$.outputs.artifacts['model'].uri}} {{$.outputs.artifacts['model'].path}}", "s3://b/model /s3/b/model"],
  ["{{$.outputs.parameters['p'].output_file}}", "/runs/1/p"],
  ["{{$.outputs.output_file}} {{$.outputMetadataUri}}", "/runs/1/executor_output.json /runs/1/executor_output.json"],
  ["{{$.pipeline_job_name}} {{$.pipeline_job_resource_name}} {{$.pipeline_job_uuid}}", "churn-r1 churn-r1 r1"],
  [
    "{{$.pipeline_task_name}} {{$.pipeline_task_uuid}} {{$.pipeline_root}} {{$.workspace_path}}",
    "train root.train /runs /workspace",
  ],
  [
    "{{$.pipeline_job_create_time_utc}} {{$.pipeline_job_schedule_time_utc}}",
    "2026-11-21T10:20:30Z 2026-11-21T10:20:30Z",
  ],
  // Of another backend: stays, and can be seen.
  ["{{$.pipeline_google_cloud_location}}", "{{$.pipeline_google_cloud_location}}"],
  ["{{ jinja }} ${shell} {{$", "{{ jinja }} ${shell} {{$"],
])("%s → %s", (text, expected) => {
  expect(resolveText(text, values)).toBe(expected);
});

test("{{$}} is the whole executor input as JSON, and a list of artifacts the list", () => {
  expect(JSON.parse(resolveText("{{$}}", values))).toEqual(values.executorInput);
  expect(JSON.parse(resolveText("{{$.inputs.artifacts['many']}}", values))).toEqual(
    values.executorInput.inputs.artifacts["many"]?.artifacts,
  );
});

describe("constants", () => {
  test("that are one placeholder keep its type unless a text is wanted", () => {
    expect(resolveValue("{{$.inputs.parameters['n']}}", values, false)).toBe(3);
    expect(resolveValue("{{$.inputs.parameters['n']}}", values, true)).toBe("3");
    expect(resolveValue("{{$.inputs.parameters['n']}} rows", values, false)).toBe("3 rows");
  });
  test("are looked through at any depth", () => {
    expect(
      resolveValue({ a: ["{{$.inputs.parameters['text']}}", 1], "{{$.inputs.parameters['n']}}": null }, values, false),
    ).toEqual({ a: ["hello", 1], "3": null });
  });
});

test.each([
  [
    `{"Concat": ["a-", "{{$.inputs.parameters['text']}}", "{{$.outputs.artifacts['model'].uri}}"]}`,
    ["a-hellos3://b/model"],
  ],
  [
    `{"IfPresent": {"InputName": "text", "Then": ["--text", "{{$.inputs.parameters['text']}}"], "Else": ["--none"]}}`,
    ["--text", "hello"],
  ],
  [`{"IfPresent": {"InputName": "absent", "Then": ["--text"], "Else": ["--none"]}}`, ["--none"]],
  [`{"IfPresent": {"InputName": "absent", "Then": ["--text"]}}`, []],
  [`{"IfPresent": {"InputName": "data", "Then": "{{$.inputs.artifacts['data'].uri}}"}}`, ["/runs/1/data"]],
  [
    `{"Concat": ["x", {"IfPresent": {"InputName": "n", "Then": {"Concat": ["=", "{{$.inputs.parameters['n']}}"]}, "Else": "none"}}]}`,
    ["x=3"],
  ],
  [`{"Concat": [broken`, [`{"Concat": [broken`]],
])("%s → %j", (element, expected) => {
  expect(resolveCommand([element], values)).toEqual(expected);
});

test.each([
  ["gs://bucket/a", "/gcs/bucket/a"],
  ["minio://bucket/a", "/minio/bucket/a"],
  ["oci://registry/model:v1", "/oci/registry_model:v1"],
  ["file:///tmp/a%20b", "/tmp/a b"],
  ["/tmp/a", "/tmp/a"],
  ["https://example.org/a", "https://example.org/a"],
])("%s is mounted at %s", (uri, path) => {
  expect(localPath(uri)).toBe(path);
});
