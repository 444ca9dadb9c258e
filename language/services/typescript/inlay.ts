/** What loops, branches and steps of a TypeScript pipeline become, beside them; and which arms never do. */
import type { SourceMap } from "../../analyze.ts";
import type { Diagnostic } from "../../diagnostics.ts";
import type { Span } from "../../source.ts";
import type { BranchMark, LoopMark, Mark } from "../../typescript/marks.ts";

export interface InlayHint {
  readonly offset: number;
  readonly label: string;
  /** The same at length. */
  readonly says: string;
}

/** The hints of a file, in its order. What was evaluated several times in different ways is told so. */
export function inlayHints(path: string, marks: readonly Mark[]): readonly InlayHint[] {
  const hints: InlayHint[] = [];
  for (const [offset, group] of byHead(path, marks)) {
    const loops = group.filter((mark) => mark.kind === "loop");
    const branches = group.filter((mark) => mark.kind === "branch");
    if (loops.length > 0) hints.push({ offset, ...loopHint(loops) });
    if (branches.length > 0) hints.push({ offset, ...branchHint(branches) });
  }
  return hints.sort((a, b) => a.offset - b.offset);
}

/** Behind each call whose steps the cache will answer; `nodes` are their paths. */
export function cachedHints(path: string, sourceMap: SourceMap, nodes: ReadonlySet<string>): readonly InlayHint[] {
  const calls = new Map<number, { all: number; cached: number }>();
  for (const [node, span] of sourceMap) {
    if (span.path !== path) continue;
    const call = calls.get(span.end) ?? { all: 0, cached: 0 };
    calls.set(span.end, { all: call.all + 1, cached: call.cached + (nodes.has(node) ? 1 : 0) });
  }
  return [...calls].flatMap(([offset, { all, cached }]) =>
    cached === 0
      ? []
      : {
          offset,
          label: cached === all ? "cached" : `cached, ${cached} of ${all}`,
          says: "Nothing that it depends on has changed: a run here would take what an earlier one gave.",
        },
  );
}

function byHead(path: string, marks: readonly Mark[]): ReadonlyMap<number, readonly (LoopMark | BranchMark)[]> {
  const groups = new Map<number, (LoopMark | BranchMark)[]>();
  for (const mark of marks) {
    if (mark.kind === "step" || mark.span.path !== path) continue;
    const group = groups.get(mark.head);
    if (group) group.push(mark);
    else groups.set(mark.head, [mark]);
  }
  return groups;
}

function loopHint(marks: readonly LoopMark[]): Omit<InlayHint, "offset"> {
  const counts = new Set(marks.map(({ turns }) => turns));
  const [first] = marks;
  if (first?.turns === undefined && counts.size === 1) {
    const limit = first?.limit ? `, ${first.limit} at once` : "";
    const atOnce = first?.limit ? `at most ${first.limit} at once` : "all at once";
    return { label: `ParallelFor${limit}`, says: `Only the run knows the list: its turns run ${atOnce}.` };
  }
  if (counts.has(undefined))
    return {
      label: "ParallelFor or unrolled",
      says: "Some of its lists are known while compiling, others in the run.",
    };
  const turns = [...counts].map((count) => `×${count}`).join(", ");
  return { label: `unrolled ${turns}`, says: "Its list is known while compiling: each turn makes steps of its own." };
}

function branchHint(marks: readonly BranchMark[]): Omit<InlayHint, "offset"> {
  const values = new Set(marks.map(({ decided }) => decided));
  const [only] = values;
  if (values.size > 1)
    return { label: "differs from time to time", says: "This is evaluated more than once, with different results." };
  if (only === undefined)
    return { label: "condition of the run", says: "Only the run knows: both arms are in the pipeline, one is run." };
  return {
    label: `decided while compiling: ${only}`,
    says: "Known while compiling: only the arm that is meant is in the pipeline.",
  };
}

/** Arms that are in no pipeline, and loops and branches of the run without a step: the inside of their braces. */
export function useless(
  path: string,
  marks: readonly Mark[],
  diagnostics: readonly Diagnostic[],
): readonly { readonly span: Span; readonly says: string }[] {
  const errors = diagnostics.filter(({ severity, span }) => severity === "error" && span.path === path);
  const isTorn = ({ start, end }: Span) => errors.some(({ span }) => span.start <= end && span.end >= start);
  const found: { span: Span; says: string }[] = [];
  for (const group of byHead(path, marks).values()) {
    const branches = group.filter((mark) => mark.kind === "branch");
    const [first] = branches;
    if (first) {
      const never = "Decided while compiling: this is in no pipeline.";
      if (first.otherwise && branches.every(({ decided }) => decided === true))
        found.push({ span: first.otherwise, says: never });
      if (branches.every(({ decided }) => decided === false)) found.push({ span: first.then, says: never });
    }
    const isEmpty = group.every((mark) => mark.steps === 0 && !(mark.kind === "branch" && mark.decided !== undefined));
    const [any] = group;
    // With an error in it, it may well make steps once that is mended.
    if (any && isEmpty && !isTorn(any.span))
      found.push({ span: any.span, says: "No step is made here: it leaves nothing in the pipeline." });
  }
  return found.sort((a, b) => a.span.start - b.span.start);
}
