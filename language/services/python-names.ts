/** Names that Python itself has, as far as pipelines are written with them: for who has no Python server. */
export const pythonNames: readonly (readonly [string, "keyword" | "function" | "class"])[] = [
  ..."and as assert async await break class continue def elif else except finally for from if import in is lambda nonlocal not or pass raise return try while with yield False None True"
    .split(" ")
    .map((name) => [name, "keyword"] as const),
  ..."abs all any enumerate filter format getattr hasattr isinstance iter len map max min next open print range repr reversed round sorted sum zip"
    .split(" ")
    .map((name) => [name, "function"] as const),
  ..."bool bytes dict float frozenset int list object set str tuple Exception KeyError RuntimeError TypeError ValueError"
    .split(" ")
    .map((name) => [name, "class"] as const),
];
