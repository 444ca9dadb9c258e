/**
 * Calls across the boundary of a webview, typed by two interfaces of methods.
 * Whatever arrives is checked before a handler sees it: an artifact's HTML can
 * post messages too.
 */

/** How one side sends and hears. `listen` answers how to stop. */
export interface Port {
  post(message: unknown): void;
  listen(hear: (message: unknown) => void): () => void;
}

type Kind = "string" | "boolean" | "number" | "object";
type Method = (...args: never[]) => unknown;
type Methods<T> = { readonly [K in keyof T]: Method };

type Kinds<Values extends readonly unknown[]> = { readonly [I in keyof Values]: Kind };

/** The kinds of the arguments of each method, to check what comes in. */
export type Arguments<T extends Methods<T>> = { readonly [K in keyof T]: Kinds<Parameters<T[K]>> };

export type Handlers<T extends Methods<T>> = {
  readonly [K in keyof T]: (...args: Parameters<T[K]>) => ReturnType<T[K]> | Promise<Awaited<ReturnType<T[K]>>>;
};

export interface Connection<Remote extends Methods<Remote>> {
  /** Rejects with the other side's message, or when the connection closes first. */
  call<K extends keyof Remote & string>(
    method: K,
    ...args: Parameters<Remote[K]>
  ): Promise<Awaited<ReturnType<Remote[K]>>>;
  close(): void;
}

/**
 * Serves `handlers` on the port and answers a connection to the other side.
 * A message that is no call of a known method with arguments of the right
 * kinds is answered with an error, or dropped where it has no id.
 */
export function connect<Local extends Methods<Local>, Remote extends Methods<Remote>>(
  port: Port,
  accepts: Arguments<Local>,
  handlers: Handlers<Local>,
): Connection<Remote> {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  let closed = false;

  async function serve(id: number, method: unknown, args: readonly unknown[]): Promise<void> {
    let answer: Record<string, unknown>;
    try {
      answer = { id, result: await dispatch(accepts, handlers, method, args) };
    } catch (error) {
      answer = { id, error: error instanceof Error ? error.message : String(error) };
    }
    if (!closed) port.post(answer);
  }

  const stop = port.listen((message) => {
    if (!isRecord(message) || typeof message["id"] !== "number") return;
    const { id } = message;
    if ("method" in message) {
      void serve(id, message["method"], Array.isArray(message["args"]) ? message["args"] : []);
      return;
    }
    const call = waiting.get(id);
    if (!call) return;
    waiting.delete(id);
    if (typeof message["error"] === "string") call.reject(new Error(message["error"]));
    else call.resolve(message["result"]);
  });

  return {
    call(method, ...args) {
      if (closed) return Promise.reject(new Error("The view is closed."));
      const id = ++last;
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      port.post({ id, method, args });
      // SAFETY: the other side serves the same interface; results are its business.
      return answer as Promise<never>;
    },
    close() {
      if (closed) return;
      closed = true;
      stop();
      for (const { reject } of waiting.values()) reject(new Error("The view is closed."));
      waiting.clear();
    },
  };
}

function dispatch(accepts: object, handlers: object, method: unknown, args: readonly unknown[]): unknown {
  if (typeof method !== "string" || !Object.hasOwn(accepts, method) || !Object.hasOwn(handlers, method))
    throw new Error(`No method ${String(method)}.`);
  // SAFETY: both tables have this very key, and their types say what stands under it.
  const kinds = (accepts as Record<string, readonly Kind[]>)[method] ?? [];
  // SAFETY: as above.
  const handler = (handlers as Record<string, (...args: readonly unknown[]) => unknown>)[method];
  const fits = args.length === kinds.length && kinds.every((kind, i) => isKind(args[i], kind));
  if (!handler || !fits) throw new Error(`Wrong arguments for ${method}.`);
  return handler(...args);
}

function isKind(value: unknown, kind: Kind): boolean {
  return kind === "object" ? isRecord(value) : typeof value === kind;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
