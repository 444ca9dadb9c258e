/** Rewrites of a TypeScript pipeline that a person asks for: settings of a step, loops in the run and back. */
import { importedName } from "../../typescript/modules.ts";
import { ts } from "../../typescript/syntax.ts";
import type { Edit } from "../fixes.ts";
import { importEdit } from "./imports.ts";
import { around, nodesAround, type Reading, stepOf } from "./reading.ts";
import { addMember } from "./repairs.ts";

export interface Rewrite {
  readonly title: string;
  readonly edits: readonly Edit[];
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** What a step can be given with one press: option, title, text. */
const offers = [
  ["gpu", "Give it a GPU", "gpu: 1", true],
  ["memory", "Give it memory", 'memory: "4Gi"', true],
  ["retry", "Try again when it fails", "retry: 2", false],
  ["cache", "Do not cache it", "cache: false", false],
] as const;

/** Settings for the innermost step around a place, but for those that it has. */
export function stepRewrites(reading: Reading, { start, end }: Place): readonly Rewrite[] {
  const call = nodesAround(reading.file, start, end).findLast(
    (node): node is ts.CallExpression => ts.isCallExpression(node) && stepOf(reading, node) !== undefined,
  );
  const made = call && stepOf(reading, call);
  if (!call || !made) return [];
  const [, options] = call.arguments;
  if (options && !ts.isObjectLiteralExpression(options)) return [];
  const given = new Set(options?.properties.map(({ name }) => name?.getText()));
  const hasContainer = made.task.component.implementation.kind === "container";
  return offers.flatMap(([name, title, text, ofContainers]) =>
    given.has(name) || (ofContainers && !hasContainer) ? [] : [{ title, edits: [withOption(reading, call, text)] }],
  );
}

function withOption(reading: Reading, call: ts.CallExpression, text: string): Edit {
  const [inputs, options] = call.arguments;
  if (options && ts.isObjectLiteralExpression(options)) return addMember(reading, options, text);
  const at = inputs ? inputs.end : call.end - 1;
  return { span: { path: reading.path, start: at, end: at }, text: `${inputs ? "" : "{}"}, { ${text} }` };
}

/** For the `for … of` whose head a place is in: into a loop of the run, with a limit, and back. */
export function loopRewrites(reading: Reading, { start, end }: Place): readonly Rewrite[] {
  const { path } = reading;
  const loop = around(reading, { start, end }, ts.isForOfStatement);
  if (!loop || end > loop.statement.pos) return [];
  const over = loop.expression;
  const own = loopSpan(loop);
  const mark = reading.marks.find(
    (each) =>
      each.kind === "loop" && each.span.path === path && each.span.start === own.start && each.span.end === own.end,
  );
  const called = ts.isCallExpression(over) && ts.isIdentifier(over.expression) ? over.expression.text : undefined;
  if (called !== undefined && importedName(reading.module, called) === "parallel" && ts.isCallExpression(over)) {
    const [list, options] = over.arguments;
    if (!list) return [];
    const unwrap: Rewrite = {
      title: "Leave `parallel` out",
      edits: [
        { span: { path, start: over.getStart(), end: list.getStart() }, text: "" },
        { span: { path, start: list.end, end: over.end }, text: "" },
      ],
    };
    const limited = { span: { path, start: list.end, end: list.end }, text: ", { limit: 2 }" };
    return options ? [unwrap] : [unwrap, { title: "Limit how many turns run at once", edits: [limited] }];
  }
  if (mark?.kind !== "loop") return [];
  const isKnown = mark.turns !== undefined;
  const needed = importEdit(reading, "millrace", "parallel");
  const edits = [
    { span: { path, start: over.getStart(), end: over.getStart() }, text: "parallel(" },
    { span: { path, start: over.end, end: over.end }, text: isKnown ? ")" : ", { limit: 2 })" },
    ...(needed ? [needed] : []),
  ];
  return [{ title: isKnown ? "Make it a loop of the run: `parallel`" : "Limit how many turns run at once", edits }];
}

function loopSpan(loop: ts.ForOfStatement): Place {
  return { start: loop.getStart(), end: loop.end };
}
