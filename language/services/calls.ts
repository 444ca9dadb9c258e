/** What is called at a place, and what it takes. */
import type { Component } from "../graph/model.ts";
import type { Meanings } from "../python/meanings.ts";
import type { Call, Expression } from "../python/syntax.ts";
import { isKind, type TreeNode } from "../python/tree.ts";
import { type SdkMember, sdkMember } from "./sdk.ts";

export type Callee =
  | { readonly kind: "component"; readonly component: Component }
  /** `name`: `task.set_retry`, `kubernetes.mount_pvc`, `dsl.If`. */
  | { readonly kind: "sdk"; readonly name: string; readonly member: SdkMember };

export function calleeOf(meanings: Meanings, path: string, callee: Expression): Callee | undefined {
  const meaning = meanings.of(path, callee);
  if (meaning?.kind === "component") return meaning;
  const name = meaning?.kind === "member" ? meaning.name : sdkName(meanings, path, callee);
  const member = name === undefined ? undefined : sdkMember(name);
  return name === undefined || !member ? undefined : { kind: "sdk", name, member };
}

/** `task.set_retry` of `train(…).set_retry`; of `dsl.If` and `kubernetes.mount_pvc`, too, where nothing was reached. */
export function sdkName(meanings: Meanings, path: string, expression: Expression): string | undefined {
  const meaning = meanings.of(path, expression);
  if (meaning?.kind === "member") return meaning.name;
  if (expression.kind !== "attribute") return undefined;
  if (isKind(expression.object, "call") && sdkName(meanings, path, expression.object.callee) === "compiler.Compiler")
    return `compiler.${expression.name}`;
  const object = meanings.of(path, expression.object);
  if (object?.kind === "task") return `task.${expression.name}`;
  if (object?.kind !== "module") return undefined;
  if (object.name === "kfp.dsl") return `dsl.${expression.name}`;
  return object.name === "kfp.kubernetes" ? `kubernetes.${expression.name}` : undefined;
}

/** The innermost call whose brackets are around an offset, without its callee. */
export function callAround(around: readonly TreeNode[], offset: number): Call | undefined {
  return around.findLast((node): node is Call => isKind(node, "call") && node.callee.end < offset);
}
