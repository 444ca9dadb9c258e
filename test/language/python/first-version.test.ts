/** A pipeline of KFP 1 is told what to write instead. */
import { expect, it } from "vitest";
import { analyze } from "./check.ts";

it.each([
  ["from kfp.components import func_to_container_op", "func_to_container_op", "use @dsl.component"],
  ["from kfp.components import create_component_from_func as make", "create_component_from_func", "@dsl.component"],
  ["from kfp.components import InputPath", "InputPath", "use kfp.dsl.InputPath"],
  ["from kfp import gcp", "gcp", "use kfp.kubernetes.use_secret_as_volume"],
  ["import kfp.onprem", "kfp.onprem", "use kfp.kubernetes.mount_pvc"],
  ["from kfp import dsl\nx = dsl.ContainerOp", "dsl.ContainerOp", "use @dsl.container_component"],
  ["import kfp\nx = kfp.dsl.VolumeOp()", "kfp.dsl.VolumeOp", "use kfp.kubernetes.CreatePVC"],
])("%s", (text, place, advice) => {
  const [first, ...more] = analyze(`import kfp\n${text}\n`).diagnostics;
  expect(more).toEqual([]);
  expect(first?.message).toContain(`it was of KFP 1; `);
  expect(first?.message).toContain(advice);
  expect(`import kfp\n${text}`.slice(first?.span.start, first?.span.end)).toBe(place);
});

it("names that never were get no advice", () => {
  const [first] = analyze("from kfp.components import func_to_nothing\n").diagnostics;
  expect(first?.message).toBe('"kfp.components" has no "func_to_nothing" to import.');
});
