/** What may be given a value: Python refuses all else before anything runs. */
import type { Cursor } from "./cursor.ts";
import type { Expression } from "./syntax.ts";

/** Left of `=`, after `for` and `as`: a name, a place in something, or a list of these. */
export function checkTarget(cursor: Cursor, target: Expression, inList = false): void {
  if (target.kind === "tuple" || target.kind === "list")
    for (const one of target.elements) checkTarget(cursor, one, true);
  else if (target.kind === "starred" && inList) checkTarget(cursor, target.value);
  else if (!isPlace(target)) cursor.complain("cannot assign to this expression", target);
}

/** Left of `:` and of `+=`, where a list of them is none. */
export function checkSingleTarget(cursor: Cursor, target: Expression): void {
  if (!isPlace(target)) cursor.complain("only one name or place can stand here", target);
}

export function checkDeleted(cursor: Cursor, target: Expression): void {
  if (target.kind === "tuple" || target.kind === "list") for (const one of target.elements) checkDeleted(cursor, one);
  else if (!isPlace(target)) cursor.complain("cannot delete this expression", target);
}

function isPlace({ kind }: Expression): boolean {
  return kind === "name" || kind === "attribute" || kind === "subscript";
}
