/** Names as the KFP SDK makes them (`kfp/dsl/utils.py`). */

/** Lower case, digits and single dashes, none at the ends: `Load Data!` → `load-data`. */
export function sanitizeName(name: string): string {
  // Most names are so already.
  if (/^[0-9a-z]+(?:-[0-9a-z]+)*$/.test(name)) return name;
  return name
    .toLowerCase()
    .replace(/[^-0-9a-z]+/g, "-")
    .replace(/-+/g, "-")
    .replace(/^-+|-+$/g, "");
}

export function componentName(name: string): string {
  return `comp-${sanitizeName(name)}`;
}

export function executorLabel(name: string): string {
  return `exec-${sanitizeName(name)}`;
}

/** Name of an input that the compiler adds to a component or a task for a channel. */
export function injectedName(channelName: string): string {
  return `pipelinechannel--${channelName}`;
}

/** Whether the server takes it as a pipeline's name. */
export function isPipelineName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,127}$/.test(name);
}

/** Whether the SDK takes it as the name of a channel: of a pipeline's input, of a task's output. */
export function isChannelName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9\s_-]*$/.test(name);
}

/** Names handed out so far, each once: the second `train` is `train-2`. */
export interface NameSet {
  /** The name itself or, where it is taken, the first free `name-2`, `name-3`, …; it is taken from now on. */
  claim(name: string): string;
  has(name: string): boolean;
}

export function createNameSet(): NameSet {
  const taken = new Set<string>();
  // Names are never given back, so the search for a free number goes on where it ended.
  const lastNumber = new Map<string, number>();
  return {
    claim(name) {
      let unique = name;
      if (taken.has(name)) {
        let number = lastNumber.get(name) ?? 1;
        do unique = `${name}-${String(++number)}`;
        while (taken.has(unique));
        lastNumber.set(name, number);
      }
      taken.add(unique);
      return unique;
    },
    has: (name) => taken.has(name),
  };
}
