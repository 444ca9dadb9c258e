/** What the spec takes and no cluster does: images, amounts, accelerators. And what KFP's server does not. */
import { expect, test } from "vitest";
import { imageProblem } from "../../../language/typescript/checks.ts";
import { analyzed, head } from "../services/typescript/source.ts";

function said(source: string): readonly string[] {
  const { text, analysis } = analyzed(source);
  return analysis.diagnostics.map(
    ({ code, severity, span }) => `${severity} ${code} at ${text.slice(span.start, span.end)}`,
  );
}

const step = (options: string) =>
  said(`${head}export const p = pipeline({}, () => { say({ text: "a" }, ${options}); });`);

test.each([
  ["{ image: 'ghcr.io/Team/train:1' }", ["warning image-reference at 'ghcr.io/Team/train:1'"]],
  ["{ image: 'python:3.12 slim' }", ["warning image-reference at 'python:3.12 slim'"]],
  ["{ gpu: { type: 'nvidia-tesla-t4' } }", ["warning unknown-accelerator at 'nvidia-tesla-t4'"]],
  ["{ gpu: { type: 'nvidia.com/gpus' } }", ["warning unknown-accelerator at 'nvidia.com/gpus'"]],
  ["{ memory: 16 as never }", ["warning odd-amount at 16 as never"]],
  ["{ memory: '512' }", ["warning odd-amount at '512'"]],
  ["{ memory: '4GB' }", ["error wrong-value at '4GB'"]],
  ["{ cpu: '2000' }", ["warning odd-amount at '2000'"]],
  ["{ memory: { request: '8Gi', limit: '4Gi' } }", ["warning request-above-limit at '8Gi'"]],
  ["{ cpu: { request: '500m', limit: '2' } }", []],
  ["{ sharedMemory: '2GB' }", ["warning kubernetes-amount at '2GB'"]],
  ["{ volumes: [{ emptyDir: 'a', mountPath: '/a', sizeLimit: '1 Gi' }] }", ["warning kubernetes-amount at '1 Gi'"]],
  ["{ cache: 'key' }", ["warning server-ignores at 'key'"]],
  [
    "{ image: 'localhost:5000/a/b@sha256:" + "a".repeat(64) + "', gpu: { type: 'example.com/npu' }, memory: '16Gi' }",
    [],
  ],
  ["{ gpu: { type: 'nvidia.com/mig-1g.5gb' }, gpu2: 1 }", ["error unknown-option at 1"]],
])("%s", (options, expected) => expect(step(options)).toEqual(expected));

test("an image of a component, of a container, and the size of a claim", () => {
  expect(
    said(`import { component, container, pipeline, volumeClaim } from "millrace";
export const a = component({ image: "Node:24" }, () => {});
export const b = container(() => ({ image: "busy box" }));
export const p = pipeline({}, () => { a(); b(); volumeClaim({ size: "x", accessModes: [] }); });`),
  ).toEqual([
    'warning image-reference at "Node:24"',
    'warning image-reference at "busy box"',
    'warning kubernetes-amount at "x"',
  ]);
});

test("what KFP's server does not run is said of TypeScript too", () => {
  const many = "export const many = component({}, ({ all }: { all: Dataset[] }) => {});";
  expect(
    said(
      `${head}${many}\nexport const p = pipeline({}, ({ all }: { all: Dataset[] }) => { for (const data of all) use({ data }); });`,
    ),
  ).toEqual(["warning server-refuses at for (const data of all) use({ data });"]);
});

test.each([
  ["node:24-slim", undefined],
  ["ghcr.io/team/train:1.0_a", undefined],
  ["registry:5000/a__b/c-d.e", undefined],
  ["Registry.example.com/a", undefined],
  ["a@sha256:0123456789abcdef0123456789abcdef", undefined],
  ["", "it is empty"],
  ["a:b:c", '"b:c" is no tag'],
  ["a/-b", '"-b" cannot be a part of it'],
  ["a@sha256:12", '"sha256:12" is no digest such as sha256:…'],
  ["https://ghcr.io/a", '"https:" is no registry'],
])("the image %s", (image, why) => expect(imageProblem(image)).toBe(why));
