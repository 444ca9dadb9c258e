import { firstItems, GeneratorValue, IteratorValue } from "./iterators.ts";
import { arguments_, type Machine, raise, sizeLimit } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { argument, builtin, type CallArguments, keyOf, list, tuple, type Value } from "./values.ts";

export function itertoolsModule(machine: Machine): Names {
  const each = (given: CallArguments): readonly (readonly Value[])[] =>
    given.positional.map(({ value }) => machine.iterate(value, given.span));
  const size = (count: number, given: CallArguments): void => {
    machine.stepsLeft -= count;
    if (count > sizeLimit) raise("MemoryError", "these are too many combinations", given.span);
  };
  const choose = (name: string, pick: (items: readonly Value[], length: number) => Value[][]): Value =>
    builtin(name, (given) => {
      const items = machine.iterate(argument(given, 0) ?? null, given.span);
      const length = argument(given, 1, "r");
      const count = typeof length === "bigint" ? Number(length) : items.length;
      if (items.length ** count > 1e7 && count > 3) raise("MemoryError", "these are too many combinations", given.span);
      return list(pick(items, count).map(tuple));
    });
  const chain = builtin("chain", (given) => new IteratorValue("chain", each(given).flat()));
  return {
    chain: {
      kind: "class",
      name: "chain",
      qualname: "chain",
      module: "itertools",
      bases: [],
      attributes: new Map<string, Value>([
        [
          "from_iterable",
          builtin("from_iterable", (given) =>
            list(
              machine
                .iterate(argument(given, 0) ?? null, given.span)
                .flatMap((one) => [...machine.iterate(one, given.span)]),
            ),
          ),
        ],
      ]),
      construct: (given) => chain.call(given),
    },
    product: builtin("product", (given) => {
      const repeat = given.keywords.get("repeat")?.value;
      const lists = each(given);
      const all = Array.from(
        { length: typeof repeat === "bigint" ? Math.min(Number(repeat), 20) : 1 },
        () => lists,
      ).flat();
      size(
        all.reduce((product, one) => product * one.length, 1),
        given,
      );
      return list(
        all
          .reduce<Value[][]>((rows, column) => rows.flatMap((row) => column.map((item) => [...row, item])), [[]])
          .map(tuple),
      );
    }),
    combinations: choose("combinations", combinations),
    permutations: choose("permutations", permutations),
    count: builtin("count", (given) => {
      const [first, step] = [argument(given, 0, "start") ?? 0n, argument(given, 1, "step") ?? 1n];
      return new GeneratorValue(machine, (take) => {
        for (let at: Value = first; ; at = machine.binary("+", at, step, given.span)) {
          machine.stepsLeft--;
          take(at);
        }
      });
    }),
    cycle: builtin("cycle", (given) => {
      const items = [...machine.iterate(argument(given, 0) ?? null, given.span)];
      return new GeneratorValue(machine, (take) => {
        while (items.length > 0) for (const item of items) take(item);
        return null;
      });
    }),
    starmap: builtin("starmap", (given) =>
      list(
        machine
          .iterate(argument(given, 1) ?? null, given.span)
          .map((row) =>
            machine.call(argument(given, 0) ?? null, arguments_(given.span, ...machine.iterate(row, given.span))),
          ),
      ),
    ),
    takewhile: builtin("takewhile", (given) => {
      const kept: Value[] = [];
      const over = argument(given, 1) ?? null;
      const isIterator = over instanceof GeneratorValue || over instanceof IteratorValue;
      const source = isIterator ? over : new IteratorValue("takewhile", machine.iterate(over, given.span));
      for (let item; (item = firstItems(machine, source, 1, given.span)[0]) !== undefined; ) {
        if (machine.call(argument(given, 0) ?? null, arguments_(given.span, item)) !== true) break;
        kept.push(item);
      }
      return list(kept);
    }),
    zip_longest: builtin("zip_longest", (given) => {
      const columns = each(given);
      const fill = given.keywords.get("fillvalue")?.value ?? null;
      return list(
        Array.from({ length: Math.max(0, ...columns.map((one) => one.length)) }, (_, i) =>
          tuple(columns.map((one) => one[i] ?? fill)),
        ),
      );
    }),
    islice: builtin("islice", (given) => {
      const [a, b] = [argument(given, 1) ?? null, argument(given, 2)];
      const end = b === undefined ? a : b;
      const items =
        typeof end === "bigint"
          ? firstItems(machine, argument(given, 0) ?? null, Number(end), given.span)
          : machine.iterate(argument(given, 0) ?? null, given.span);
      const bound = (value: Value | undefined): number | undefined =>
        typeof value === "bigint" ? Number(value) : undefined;
      return list(b === undefined ? items.slice(0, bound(a)) : items.slice(bound(a) ?? 0, bound(b)));
    }),
    repeat: builtin("repeat", (given) => {
      const times = argument(given, 1, "times");
      const count =
        typeof times === "bigint"
          ? Number(times)
          : raise("MemoryError", "repeat() without an end is not walked", given.span);
      size(count, given);
      return list(Array.from({ length: count }, () => argument(given, 0) ?? null));
    }),
    accumulate: builtin("accumulate", (given) => {
      const result: Value[] = [];
      for (const item of machine.iterate(argument(given, 0) ?? null, given.span)) {
        const last = result.at(-1);
        result.push(last === undefined ? item : machine.binary("+", last, item, given.span));
      }
      return list(result);
    }),
    groupby: builtin("groupby", (given) => {
      const key = argument(given, 1, "key") ?? null;
      const groups: { key: Value; items: Value[] }[] = [];
      for (const item of machine.iterate(argument(given, 0) ?? null, given.span)) {
        const of = key === null ? item : machine.call(key, arguments_(given.span, item));
        const last = groups.at(-1);
        if (last !== undefined && keyOf(last.key) === keyOf(of)) last.items.push(item);
        else groups.push({ key: of, items: [item] });
      }
      return list(groups.map((group) => tuple([group.key, list(group.items)])));
    }),
  };
}

function combinations(items: readonly Value[], length: number): Value[][] {
  if (length === 0) return [[]];
  return items.flatMap((item, i) => combinations(items.slice(i + 1), length - 1).map((rest) => [item, ...rest]));
}

function permutations(items: readonly Value[], length: number): Value[][] {
  if (length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)], length - 1).map((rest) => [item, ...rest]),
  );
}
