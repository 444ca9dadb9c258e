/** Whether a pipeline does the same in the engine as in JavaScript. */
import type { Diagnostic } from "../../../../language/diagnostics.ts";
import type { Json } from "../../../../language/spec/types.ts";
import { asJavaScript } from "./as-javascript.ts";
import { canonical } from "./components.ts";
import type { Flow } from "./flow.ts";
import { compile, inEngine } from "./in-engine.ts";

export type Verdict =
  | { readonly kind: "same" }
  | { readonly kind: "refused"; readonly errors: readonly Diagnostic[] }
  | { readonly kind: "different"; readonly inputs: Json; readonly javascript: Flow; readonly engine: Flow | string };

/** Compares the pipeline `p` of a module, for each of these inputs. */
export async function compare(text: string, inputs: readonly Readonly<Record<string, Json>>[]): Promise<Verdict> {
  const compiled = compile(text, "p");
  if ("errors" in compiled) return { kind: "refused", ...compiled };
  const run = asJavaScript(text, "p");
  for (const given of inputs) {
    const javascript = run(given);
    const engine = await inEngine(compiled, given).catch((error: unknown) => String(error));
    if (canonical(engine) !== canonical(javascript)) return { kind: "different", inputs: given, javascript, engine };
  }
  return { kind: "same" };
}
