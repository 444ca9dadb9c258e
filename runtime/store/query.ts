import type { Database } from "./sqlite.ts";
import { UserError } from "../user-error.ts";
import { role } from "./append.ts";
import type { ArtifactReader } from "./artifacts.ts";
import {
  type Expression,
  type Field,
  type Hop,
  type Operator,
  parseConditions,
  parseQuery,
  type Query,
  type Value,
} from "./query-syntax.ts";
import type { Condition } from "./runs.ts";

/** Up to so many matches, a plan that begins from them beats one that pages from the newest artifact. */
const fewMatches = 2000;
const defaultLimit = 100;

/**
 * One statement that answers the row numbers of a query's artifacts. The plan
 * begins from the rarest thing that the query names, found by counting in the
 * index, or else pages from the newest artifact and walks up from each:
 * measured at a million artifacts, either alone is slow for some questions.
 */
export function planQuery(text: string, db: Database, artifacts: ArtifactReader, now: number): Condition {
  const query = parseQuery(text, now);
  const typesOf = (name: string): readonly number[] | undefined =>
    name.toLowerCase() === "artifact" ? undefined : known(name, artifacts, db);
  const translation = translator(typesOf);
  const types = typesOf(query.type);
  const conditions = query.where?.kind === "and" ? query.where.operands : query.where ? [query.where] : [];
  const start = startOf(conditions, db, translation);
  const rest = conditions
    .filter((condition) => condition !== start?.condition)
    .map((condition) => translation.artifact(condition, "a"));
  return statement(query, types, start, rest);
}

/** Conditions over `r`, a row of `runs`: pipeline, state, created, parameters and metrics by name. */
export function conditionsOfRuns(text: string, now: number): Condition {
  return translator(() => undefined).run(parseConditions(text, now));
}

/** The statement as text that can be run elsewhere. */
export function showStatement({ sql, values }: Condition): string {
  let index = 0;
  return sql.replaceAll("?", () => {
    const value = values[index++];
    return typeof value === "number" ? String(value) : `'${(value ?? "").replaceAll("'", "''")}'`;
  });
}

interface Start {
  readonly condition: Expression;
  /** Answers row numbers of artifacts, as a subquery. */
  readonly from: Condition;
}

/** The condition with the fewest matches, if they are few. */
function startOf(conditions: readonly Expression[], db: Database, translation: Translator): Start | undefined {
  let best: Start | undefined;
  let least = fewMatches + 1;
  for (const condition of conditions) {
    const found = condition.kind === "hop" ? condition.where && rarest(condition.where, db) : rarest(condition, db);
    if (!found || found.count >= least) continue;
    least = found.count;
    best = {
      condition,
      from: condition.kind === "hop" ? translation.reached(condition, found.matches) : found.matches,
    };
  }
  return best;
}

/** Of the conditions that must all hold, the one on an indexed property that holds for the fewest. */
function rarest(condition: Expression, db: Database): { matches: Condition; count: number } | undefined {
  if (condition.kind === "and") {
    const found = condition.operands.flatMap((operand) => rarest(operand, db) ?? []);
    return found.sort((a, b) => a.count - b.count)[0];
  }
  if (condition.kind !== "compare" || condition.operator === "!=" || condition.operator === "~") return undefined;
  const { field, operator, value } = condition;
  if (field.scope === "parameter" || (field.scope === undefined && field.name in builtIn) || value.kind === "time")
    return undefined;
  const column = value.kind === "number" ? "number" : "text";
  const matches = {
    sql: `SELECT artifact FROM properties WHERE name = ? AND ${column} ${operator} ?`,
    values: [field.name, value.kind === "number" ? value.number : value.text],
  };
  const count = db
    .prepare<(number | string)[], number>(`SELECT count(*) FROM (${matches.sql} LIMIT ${fewMatches + 1})`)
    .pluck()
    .get(...matches.values);
  return { matches, count: count ?? 0 };
}

function statement(
  query: Query,
  types: readonly number[] | undefined,
  start: Start | undefined,
  rest: readonly Condition[],
): Condition {
  const joins: Condition[] = [];
  const order = query.order.map(({ field, descending }, index) => {
    const direction = descending ? "DESC" : "ASC";
    const own = field.scope === undefined ? builtIn[field.name] : undefined;
    if (own && own.kind !== "maker") return `${own.column("a")} ${direction} NULLS LAST`;
    if (own || field.scope === "parameter")
      throw new UserError("query", `Artifacts cannot be ordered by ${field.name}.`, { exit: 2 });
    joins.push({
      sql: `LEFT JOIN properties o${index} ON o${index}.artifact = a.seq AND o${index}.name = ?`,
      values: [field.name],
    });
    return `o${index}.number ${direction} NULLS LAST, o${index}.text ${direction} NULLS LAST`;
  });
  // A plus sign keeps SQLite from choosing that index: the plan is decided here.
  const isType = types && ofTypes(start || types.length > 1 ? "+a.type" : "a.type", types);
  const conditions = [
    ...(isType ? [isType] : []),
    ...(start ? [{ sql: `a.seq IN (${start.from.sql})`, values: start.from.values }] : []),
    ...rest,
  ];
  const newest = start ? "+a.created_at DESC, a.seq DESC" : "a.created_at DESC, a.seq DESC";
  return {
    sql: [
      "SELECT a.seq FROM artifacts a",
      ...joins.map(({ sql }) => sql),
      ...(conditions.length > 0 ? [`WHERE ${conditions.map(({ sql }) => sql).join("\n  AND ")}`] : []),
      `ORDER BY ${[...order, newest].join(", ")}`,
      `LIMIT ${query.limit ?? defaultLimit}`,
    ].join("\n"),
    values: [...joins, ...conditions].flatMap(({ values }) => values),
  };
}

function known(name: string, artifacts: ArtifactReader, db: Database): readonly number[] {
  const found = artifacts.types(name);
  if (found.length > 0 || systemTypes.has(name.toLowerCase().replace(/^system\./, ""))) return found;
  const all = db.prepare<[], string>("SELECT name FROM types ORDER BY name").pluck().all();
  throw new UserError("query-type", `No artifact here has the type ${name}.`, {
    action: `Types: Artifact (any), ${all.length > 0 ? all.map((type) => type.replace(/^system\./, "")).join(", ") : "none yet"}.`,
    exit: 2,
  });
}

const systemTypes = new Set([
  "dataset",
  "model",
  "metrics",
  "classificationmetrics",
  "slicedclassificationmetrics",
  "html",
  "markdown",
]);

/** What a field without a scope may mean beside metadata. */
type BuiltIn =
  | { readonly kind: "text" | "number" | "time"; readonly column: (artifact: string) => string }
  /** Of the steps that gave it, and their runs: `t`, `r`, `s`. */
  | { readonly kind: "maker"; readonly column: string; readonly prefix?: boolean };

const builtIn: Readonly<Record<string, BuiltIn>> = {
  id: { kind: "text", column: (a) => `${a}.id` },
  name: { kind: "text", column: (a) => `${a}.name` },
  type: { kind: "text", column: (a) => `(SELECT y.name FROM types y WHERE y.seq = ${a}.type)` },
  uri: { kind: "text", column: (a) => `${a}.uri` },
  digest: { kind: "text", column: (a) => `${a}.digest` },
  size: { kind: "number", column: (a) => `${a}.size_bytes` },
  created: { kind: "time", column: (a) => `${a}.created_at` },
  run: { kind: "maker", column: "r.id", prefix: true },
  pipeline: { kind: "maker", column: "r.pipeline" },
  target: { kind: "maker", column: "r.target" },
  task: { kind: "maker", column: "t.name" },
  commit: { kind: "maker", column: "s.revision", prefix: true },
  source: { kind: "maker", column: "s.path" },
};

type HopExpression = Extract<Expression, { kind: "hop" }>;

interface Translator {
  artifact(expression: Expression, alias: string): Condition;
  run(expression: Expression): Condition;
  /** All artifacts that a hop leads to, begun from a set that holds all its matches. */
  reached(hop: HopExpression, from: Condition): Condition;
}

function translator(typesOf: (name: string) => readonly number[] | undefined): Translator {
  let aliases = 0;

  function artifact(expression: Expression, a: string): Condition {
    switch (expression.kind) {
      case "and":
      case "or":
        return combined(
          expression.kind,
          expression.operands.map((operand) => artifact(operand, a)),
        );
      case "not":
        return negated(artifact(expression.operand, a));
      case "exists":
        return property(a, expression.field, "", []);
      case "compare": {
        const { field, operator, value } = expression;
        if (operator === "!=") return negated(artifact({ ...expression, operator: "=" }, a));
        const own = field.scope === undefined ? builtIn[field.name] : undefined;
        if (own?.kind === "maker") {
          const test =
            own.prefix && operator === "=" ? startsWith(own.column, value) : compared(own.column, operator, value);
          return { sql: madeBy(a, test.sql), values: test.values };
        }
        if (own) return compared(own.column(a), operator, value);
        if (field.scope === "parameter") {
          const test = compared("json_extract(t.inputs, ?)", operator, value);
          return { sql: madeBy(a, test.sql), values: [jsonPath(field.name), ...test.values] };
        }
        // The plus sign: look up this artifact by its key, not all that meet the test.
        const test = compared(value.kind === "text" ? "+p.text" : "+p.number", operator, value);
        return property(a, field, ` AND ${test.sql}`, test.values);
      }
      case "hop": {
        const far = `a${++aliases}`;
        const test = matching(expression, far);
        return {
          sql: `EXISTS (${walk(expression.hop, `SELECT ${a}.seq`)} SELECT 1 FROM walk CROSS JOIN artifacts ${far} ON ${far}.seq = walk.artifact WHERE ${test.sql})`,
          values: test.values,
        };
      }
    }
  }

  /** Type and conditions of the far end of a hop. */
  function matching(hop: HopExpression, far: string): Condition {
    const types = typesOf(hop.type);
    const parts = [...(types ? [ofTypes(`${far}.type`, types)] : []), ...(hop.where ? [artifact(hop.where, far)] : [])];
    return parts.length > 0 ? combined("and", parts) : { sql: "TRUE", values: [] };
  }

  return {
    artifact,
    reached(hop, from) {
      const far = `a${++aliases}`;
      const test = matching(hop, far);
      const begin = `SELECT ${far}.seq FROM artifacts ${far} WHERE ${far}.seq IN (${from.sql}) AND ${test.sql}`;
      return {
        sql: `${walk(opposite[hop.hop], begin)} SELECT artifact FROM walk`,
        values: [...from.values, ...test.values],
      };
    },
    run(expression) {
      return runCondition(expression, matching, () => `a${++aliases}`);
    },
  };
}

const opposite: Readonly<Record<Hop, Hop>> = {
  ancestor: "descendant",
  descendant: "ancestor",
  input: "output",
  output: "input",
};

/**
 * A recursive table `walk (artifact)` of what one or more steps lead to from
 * `begin`, a SELECT of row numbers. CROSS JOIN fixes the order of the joins:
 * each artifact's own edges are looked up, never all.
 */
function walk(hop: Hop, begin: string): string {
  const up = hop === "ancestor" || hop === "input";
  const step = (from: string) =>
    `SELECT f.artifact FROM ${from} AS w` +
    ` CROSS JOIN artifact_tasks n ON n.artifact = w.artifact AND n.role = ${up ? role.output : role.input}` +
    ` CROSS JOIN artifact_tasks f ON f.task = n.task AND f.role = ${up ? role.input : role.output}`;
  const more = hop === "ancestor" || hop === "descendant" ? ` UNION ${step("walk")}` : "";
  return `WITH RECURSIVE begin (artifact) AS (${begin}), walk (artifact) AS (${step("begin")}${more})`;
}

function runCondition(
  expression: Expression,
  matching: (hop: HopExpression, far: string) => Condition,
  alias: () => string,
): Condition {
  const again = (inner: Expression) => runCondition(inner, matching, alias);
  switch (expression.kind) {
    case "and":
    case "or":
      return combined(expression.kind, expression.operands.map(again));
    case "not":
      return negated(again(expression.operand));
    case "hop": {
      if (expression.hop === "ancestor" || expression.hop === "descendant") {
        throw new UserError("query", `Runs have inputs and outputs, not ${expression.hop}s.`, {
          action: "Write for example: output Model.accuracy > 0.9",
          exit: 2,
        });
      }
      const far = alias();
      const test = matching(expression, far);
      const edge = expression.hop === "input" ? role.input : role.output;
      return {
        sql: `EXISTS (SELECT 1 FROM tasks t CROSS JOIN artifact_tasks e ON e.task = t.seq AND e.role = ${edge} CROSS JOIN artifacts ${far} ON ${far}.seq = e.artifact WHERE t.run = r.seq AND ${test.sql})`,
        values: test.values,
      };
    }
    case "exists":
      return combined("or", [
        { sql: "json_type(r.parameters, ?) IS NOT NULL", values: [jsonPath(expression.field.name)] },
        runMetric(expression.field.name, "", []),
      ]);
    case "compare": {
      const { field, operator, value } = expression;
      if (operator === "!=") return negated(again({ ...expression, operator: "=" }));
      const own = field.scope === undefined ? runFields[field.name] : undefined;
      if (own)
        return own.prefix && operator === "=" ? startsWith(own.column, value) : compared(own.column, operator, value);
      const test = compared("json_extract(r.parameters, ?)", operator, value);
      const parameter = { sql: test.sql, values: [jsonPath(field.name), ...test.values] };
      if (field.scope === "parameter" || value.kind === "text") return parameter;
      const metric = compared("p.number", operator, value);
      return combined("or", [parameter, runMetric(field.name, ` AND ${metric.sql}`, metric.values)]);
    }
  }
}

const runFields: Readonly<Record<string, { readonly column: string; readonly prefix?: boolean }>> = {
  id: { column: "r.id", prefix: true },
  run: { column: "r.id", prefix: true },
  pipeline: { column: "r.pipeline" },
  target: { column: "r.target" },
  state: { column: "r.state" },
  created: { column: "r.created_at" },
  finished: { column: "r.finished_at" },
  // Seconds.
  duration: { column: "((r.finished_at - r.created_at) / 1000.0)" },
  commit: { column: "(SELECT s.revision FROM sources s WHERE s.seq = r.source)", prefix: true },
  source: { column: "(SELECT s.path FROM sources s WHERE s.seq = r.source)" },
};

function runMetric(name: string, test: string, values: readonly (number | string)[]): Condition {
  return {
    sql: `EXISTS (SELECT 1 FROM tasks t CROSS JOIN artifact_tasks o ON o.task = t.seq AND o.role = ${role.output} CROSS JOIN artifacts m ON m.seq = o.artifact CROSS JOIN types y ON y.seq = m.type AND y.name LIKE '%Metrics' CROSS JOIN properties p ON p.artifact = m.seq AND p.name = ?${test} WHERE t.run = r.seq)`,
    values: [name, ...values],
  };
}

/** Whether a step that gave this artifact, or its run, meets a test. */
function madeBy(a: string, test: string): string {
  return `EXISTS (SELECT 1 FROM artifact_tasks o CROSS JOIN tasks t ON t.seq = o.task CROSS JOIN runs r ON r.seq = t.run LEFT JOIN sources s ON s.seq = r.source WHERE o.artifact = ${a}.seq AND o.role = ${role.output} AND ${test})`;
}

function property(a: string, field: Field, test: string, values: readonly (number | string)[]): Condition {
  const own = field.scope === "metadata" ? " AND p.origin IS NULL" : "";
  return {
    sql: `EXISTS (SELECT 1 FROM properties p WHERE p.artifact = ${a}.seq AND p.name = ?${own}${test})`,
    values: [field.name, ...values],
  };
}

function compared(column: string, operator: Exclude<Operator, "!=">, value: Value): Condition {
  if (value.kind === "time") {
    if (operator === "=")
      return { sql: `${column} >= ? AND ${column} < ?`, values: [value.from, Math.max(value.to, value.from + 1)] };
    if (operator === "~")
      throw new UserError("query", "A time cannot be searched in.", { action: "Compare it with <, > or =.", exit: 2 });
    // "After a day" begins when it has ended.
    return {
      sql: `${column} ${operator} ?`,
      values: [
        operator === ">" && value.to > value.from
          ? value.to - 1
          : operator === "<=" && value.to > value.from
            ? value.to - 1
            : value.from,
      ],
    };
  }
  const plain = value.kind === "number" ? value.number : value.text;
  if (operator === "~") return { sql: `instr(lower(${column}), lower(?)) > 0`, values: [String(plain)] };
  return { sql: `${column} ${operator} ?`, values: [plain] };
}

function startsWith(column: string, value: Value): Condition {
  const text = value.kind === "text" ? value.text : value.kind === "number" ? String(value.number) : "";
  if (column === "r.id" && text === "latest")
    return { sql: "r.seq = (SELECT seq FROM runs ORDER BY created_at DESC, seq DESC LIMIT 1)", values: [] };
  return { sql: `${column} >= ? AND ${column} < ?`, values: [text, `${text}\u{10ffff}`] };
}

function ofTypes(column: string, types: readonly number[]): Condition {
  const [only] = types;
  if (only !== undefined && types.length === 1) return { sql: `${column} = ?`, values: [only] };
  return { sql: `${column} IN (${types.map(() => "?").join(", ")})`, values: types };
}

function combined(kind: "and" | "or", parts: readonly Condition[]): Condition {
  return {
    sql: `(${parts.map(({ sql }) => sql).join(kind === "and" ? " AND " : " OR ")})`,
    values: parts.flatMap(({ values }) => values),
  };
}

function negated({ sql, values }: Condition): Condition {
  // A condition over something that is not there is unknown to SQL, and false to a person.
  return { sql: `NOT coalesce(${sql}, FALSE)`, values };
}

/** A key of a JSON object as SQLite's path. */
function jsonPath(key: string): string {
  return `$.${JSON.stringify(key)}`;
}
