/** The SDK's members as they are shown, against those that the front end takes. */
import { expect, test } from "vitest";
import { settings } from "../../../language/graph/configuration.ts";
import { analyze } from "../python/check.ts";
import {
  dslMembers,
  kubernetesMembers,
  parameterName,
  sdkMember,
  taskMembers,
  usualTexts,
} from "../../../language/services/sdk.ts";

test("settings of steps: the same names and parameters, the same ones required", () => {
  // The spec has these, and TypeScript; the Python SDK has not.
  const specOnly = ["kubernetes.pod_affinity", "kubernetes.enable_shared_memory"];
  const shown = { ...taskMembers, ...prefixed("kubernetes.", kubernetesMembers) };
  expect(
    Object.keys(settings)
      .filter((name) => !Object.hasOwn(shown, name))
      .sort(),
  ).toEqual(specOnly.toSorted());
  for (const [name, { parameters, required }] of Object.entries(settings)) {
    if (specOnly.includes(name)) continue;
    const own = sdkMember(name.includes(".") ? name : `task.${name}`)?.parameters ?? [];
    const given = own.filter((one) => parameterName(one) !== "task" || !name.startsWith("kubernetes."));
    expect([name, given.map(parameterName)]).toEqual([name, [...parameters]]);
    const needed = given.filter((one) => !one.includes("=")).map(parameterName);
    expect([name, needed]).toEqual([name, [...required]]);
  }
});

test("members of kfp.dsl: each is one", () => {
  const names = Object.keys(dslMembers);
  const { diagnostics } = analyze(
    `from kfp.dsl import ${names.join(", ")}\nfrom kfp.kubernetes import ${Object.keys(kubernetesMembers).join(", ")}\n`,
  );
  expect(diagnostics).toEqual([]);
});

test("usual texts belong to parameters that there are", () => {
  for (const key of Object.keys(usualTexts)) {
    const [group = "", member = "", parameter = ""] = key.split(".");
    expect(sdkMember(`${group}.${member}`)?.parameters?.map(parameterName)).toContain(parameter);
  }
});

function prefixed(prefix: string, members: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [prefix + name, value]));
}
