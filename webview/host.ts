/** The extension host as a webview reaches it. */
import { type HostMethods, type View, viewArguments, type ViewMethods } from "./protocol.ts";
import { connect, type Connection, type Handlers } from "./rpc.ts";

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** Serves the view's methods, tells the host that it is ready, and answers the way to call it. */
export function connectHost(handlers: Handlers<ViewMethods>): Connection<HostMethods> {
  const connection = connect<ViewMethods, HostMethods>(
    {
      post: (message) => api.postMessage(message),
      listen: (hear) => {
        const listener = (event: MessageEvent<unknown>) => hear(event.data);
        window.addEventListener("message", listener);
        return () => window.removeEventListener("message", listener);
      },
    },
    viewArguments,
    handlers,
  );
  void connection.call("ready");
  return connection;
}

/** Narrows what the host shows to the kind that this view draws; anything else is a bug of the host. */
export function expectView<K extends View["kind"]>(view: View, kind: K): Extract<View, { kind: K }> {
  if (view.kind !== kind) throw new Error(`This view draws ${kind}, not ${view.kind}.`);
  // SAFETY: the kind was compared above.
  return view as Extract<View, { kind: K }>;
}

/** What the view kept for itself when it was last hidden or the window reloaded. */
export function kept(): Readonly<Record<string, unknown>> {
  const state = api.getState();
  // SAFETY: an object's own values are unknown; readers check each.
  return typeof state === "object" && state !== null ? (state as Record<string, unknown>) : {};
}

export function keep(values: Readonly<Record<string, unknown>>): void {
  api.setState({ ...kept(), ...values });
}
