/** What loops give to what stands outside of them: one list a loop, or a list of objects. */
import type { Group, LoopGroup, Task } from "../graph/model.ts";
import { camelCase } from "./text.ts";

/** An output of a step in a loop; without a key the step itself, which others wait for. */
export interface Gathered {
  readonly task: Task;
  readonly key?: string;
}

interface Entry {
  readonly each: Gathered;
  label?: string;
}

export interface Gathering {
  /** Remembers that a group uses it; false where no loop is between them. */
  note(each: Gathered, at: Group): boolean;
  /** All that a loop must give. */
  of(loop: LoopGroup): readonly Gathered[];
  /** The outermost loop that has the task and not the group. */
  outermost(task: Task, at: Group): LoopGroup | undefined;
  /** How many loops have the task and not the group. */
  depth(task: Task, at: Group): number;
  name(loop: LoopGroup, name: string): void;
  nameOf(loop: LoopGroup): string | undefined;
  /** The member of a turn's object that has it, called after the step's variable. */
  label(loop: LoopGroup, each: Gathered, variable: string): string;
  /** Undefined where a turn gives nothing else. */
  labelOf(loop: LoopGroup, each: Gathered): string | undefined;
}

export function createGathering(): Gathering {
  const entries = new Map<LoopGroup, Entry[]>();
  const names = new Map<LoopGroup, string>();
  const find = (loop: LoopGroup, { task, key }: Gathered): Entry | undefined =>
    entries.get(loop)?.find(({ each }) => each.task === task && each.key === key);

  return {
    note(each, at) {
      const between = loopsBetween(each.task, at);
      for (const loop of between) {
        if (find(loop, each)) continue;
        const { task, key } = each;
        entries.set(loop, [...(entries.get(loop) ?? []), { each: { task, ...(key === undefined ? {} : { key }) } }]);
      }
      return between.length > 0;
    },
    of: (loop) => (entries.get(loop) ?? []).map(({ each }) => each),
    outermost: (task, at) => loopsBetween(task, at)[0],
    depth: (task, at) => loopsBetween(task, at).length,
    name: (loop, name) => {
      names.set(loop, name);
    },
    nameOf: (loop) => names.get(loop),
    label(loop, each, variable) {
      const all = entries.get(loop) ?? [];
      const alone = all.filter(({ each: { task } }) => task === each.task).length === 1;
      const label = alone ? variable : camelCase(`${variable}-${each.key ?? "step"}`);
      const entry = find(loop, each);
      if (entry) entry.label = label;
      return label;
    },
    labelOf(loop, each) {
      return entries.get(loop)?.length === 1 ? undefined : find(loop, each)?.label;
    },
  };
}

/** From itself to the root. */
export function groupsOf(group: Group): readonly Group[] {
  return group.kind === "root" ? [group] : [group, ...groupsOf(group.parent)];
}

/** Loops around the task that are not around the group, outermost first. */
function loopsBetween(task: Task, at: Group): readonly LoopGroup[] {
  const outside = new Set(groupsOf(at));
  return groupsOf(task.group)
    .filter((group) => group.kind === "loop")
    .filter((group) => !outside.has(group))
    .reverse();
}
