/**
 * Parts of a spec that KFP 2.17's driver cannot be given. Argo puts the driver's command, JSON in JSON, into a variable of
 * the pod's environment; of more than 128 KB it makes a ConfigMap, which KFP's own role for it forbids, and Linux takes no
 * longer argument either: such a run fails without a word.
 */
import type { PipelineSpec } from "./types.ts";

/** Found on a server: 126,000 bytes run, 131,000 do not; the rest of the command needs about 3,000. */
const mostBytes = 128_000;

export interface Overlong {
  readonly kind: "root" | "component" | "executor";
  /** Its label in the spec; `root`. */
  readonly name: string;
  readonly bytes: number;
}

export function overlong(spec: PipelineSpec): readonly Overlong[] {
  return measure(spec).overlong;
}

/** With it the length of the whole as JSON, but for a few signs. */
export function measure(spec: PipelineSpec): { readonly overlong: readonly Overlong[]; readonly length: number } {
  const { root, components = {}, deploymentSpec } = spec;
  const found: Overlong[] = [];
  let whole = 0;
  /** `length`: of the value as JSON, or a little more. */
  const check = (kind: Overlong["kind"], name: string, value: unknown, length?: number): void => {
    const json = length === undefined ? JSON.stringify(value) : undefined;
    const known = length ?? json?.length ?? 0;
    whole += name.length + known;
    // A quote of it becomes four signs: `\\\\\\"`.
    if (known * 4 < mostBytes) return;
    const bytes = bytesInJson(json ?? JSON.stringify(value));
    if (bytes > mostBytes) found.push({ kind, name, bytes });
  };
  check("root", "root", root);
  for (const [name, component] of Object.entries(components)) check("component", name, component);
  // Steps of one component have one program, which is by far the longest of what they have.
  const programs = new Map<readonly string[], number>();
  const lengthOf = (program: readonly string[] | undefined): number => {
    if (!program) return 0;
    const known = programs.get(program) ?? JSON.stringify(program).length + '"command":,'.length;
    programs.set(program, known);
    return known;
  };
  for (const [name, { container, importer }] of Object.entries(deploymentSpec.executors ?? {})) {
    if (importer) whole += name.length + JSON.stringify(importer).length;
    if (!container) continue;
    const { command, args, ...rest } = container;
    check("executor", name, container, JSON.stringify(rest).length + lengthOf(command) + lengthOf(args));
  }
  return { overlong: found, length: whole };
}

/** UTF-8 bytes of a JSON text as a text in JSON: there its quotes and backslashes are two signs each, and it is in quotes. */
function bytesInJson(json: string): number {
  let bytes = 2;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code < 0x80) bytes += code === 0x22 || code === 0x5c ? 2 : 1;
    // Half of a pair is two of its four bytes; one alone is written as ASCII.
    else bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
  }
  return bytes;
}

/** For `server-refuses`. */
export const overlongText = (name: string, bytes: number): string =>
  `${name}, which makes an argument of ${Math.ceil(bytes / 1000)} KB for its driver: there is room for 128`;
