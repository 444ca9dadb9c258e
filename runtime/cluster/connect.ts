/**
 * A target (kubeconfig, context, namespace) becomes a way to talk to its
 * cluster. Credentials are read, refreshed and run by @kubernetes/client-node:
 * tokens, client certificates, exec plugins, OIDC, proxies. They stay in memory.
 */
import { existsSync } from "node:fs";
import https from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { Duplex, PassThrough } from "node:stream";
import type { KubeConfig } from "@kubernetes/client-node";
import { describe, UserError } from "../user-error.ts";
import type { Context, Target } from "../protocol.ts";
import { HttpError, send, type Server } from "./http.ts";

export interface Cluster extends Server {
  readonly target: Target;
  /** Of the context, where the target names none. */
  readonly defaultNamespace: string | undefined;
  /** Raw bytes to and from a port of a pod. Closed by whoever asked for it. */
  tunnel(namespace: string, pod: string, port: number): Promise<Duplex>;
  close(): void;
}

/** Reads the kubeconfig; nothing is sent yet. Throws UserError where the file, its context or its login is not usable. */
export async function connect(target: Target): Promise<Cluster> {
  const { PortForward } = await import("@kubernetes/client-node");
  const { config, shown } = await readKubeconfig(target.kubeconfig, target.name);
  const contexts = config.getContexts().map((context) => context.name);
  const name = target.context ?? config.getCurrentContext();
  if (!contexts.includes(name)) {
    const known =
      contexts.length > 0 ? `It has ${contexts.map((context) => `"${context}"`).join(", ")}.` : "It has no contexts.";
    throw new UserError("context-unknown", `The kubeconfig ${shown} has no context "${name}". ${known}`, {
      action: `Choose one for target "${target.name}".`,
    });
  }
  config.setCurrentContext(name);
  const cluster = config.getCurrentCluster();
  if (!cluster) {
    throw new UserError(
      "context-unknown",
      `Context "${name}" in ${shown} names a cluster that the file does not describe.`,
      {
        action: "Write the kubeconfig anew with your cluster's own tool.",
      },
    );
  }
  const url = new URL(cluster.server);
  let agent: https.Agent | undefined;

  return {
    name: target.name,
    url,
    target,
    defaultNamespace: config.getContextObject(name)?.namespace,
    async options() {
      const options: https.RequestOptions = {};
      try {
        // `kubectl proxy` and tests speak plain HTTP, for which the library wants the certificate's check to be off.
        if (url.protocol === "http:") return options;
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        throw new UserError(
          "login-failed",
          `Cannot log in to cluster "${target.name}" (${url.host}): ${describe(error)}.`,
          {
            action: `Log in as you do for kubectl (context "${name}"), then try again.`,
            cause: error,
          },
        );
      }
      if (cluster.proxyUrl) return options;
      const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, headers, auth } = options;
      // One agent keeps its connections; the library's would shake hands for each request.
      agent ??= new https.Agent({
        keepAlive: true,
        ...defined({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }),
      });
      return { agent, ...defined({ headers, auth }) };
    },
    async tunnel(namespace, pod, port) {
      const incoming = new PassThrough();
      const outgoing = new PassThrough();
      const forward = new PortForward(config);
      // The library's type for the socket is of a package that it does not bring.
      const socket: unknown = await forward.portForward(namespace, pod, [port], incoming, null, outgoing);
      const duplex = Duplex.from({ readable: incoming, writable: outgoing });
      if (isSocket(socket)) {
        socket.onclose = () => incoming.end();
        duplex.once("close", () => {
          socket.close();
        });
      }
      return duplex;
    },
    close() {
      agent?.destroy();
    },
  };
}

/** The clusters of a kubeconfig, the current one first. Throws UserError where the file cannot be read. */
export async function readContexts(kubeconfig: string | undefined): Promise<readonly Context[]> {
  const { config } = await readKubeconfig(kubeconfig, undefined);
  return config
    .getContexts()
    .map(({ name, cluster, namespace }) => ({
      name,
      server: config.getCluster(cluster)?.server ?? "",
      ...(namespace === undefined ? {} : { namespace }),
      current: name === config.getCurrentContext(),
    }))
    .sort((a, b) => Number(b.current) - Number(a.current));
}

async function readKubeconfig(
  named: string | undefined,
  target: string | undefined,
): Promise<{ readonly config: KubeConfig; readonly shown: string }> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  const files = kubeconfigs(named, target);
  const shown = files.join(delimiter);
  try {
    if (files.length > 1) config.loadFromDefault();
    else config.loadFromFile(files[0] ?? "");
  } catch (error) {
    throw new UserError(
      "kubeconfig-unreadable",
      `Cannot read the kubeconfig ${shown}${target === undefined ? "" : ` of target "${target}"`}: ${describe(error)}.`,
      {
        action: "Write it anew with your cluster's own tool, or name another file in the target.",
        cause: error,
      },
    );
  }
  return { config, shown };
}

/** Where KFP's API answers in a cluster, and where runs' pods are. */
export interface KfpPlace {
  /** Namespace of the Service `ml-pipeline`. */
  readonly service: string;
  /** Namespace that runs go to: the service's own, or a profile's. */
  readonly runs: string;
}

/** Finds KFP: the Service ml-pipeline in the target's namespace, or in `kubeflow`. Throws UserError in words. */
export async function findKfp(cluster: Cluster, signal?: AbortSignal): Promise<KfpPlace> {
  const wanted = cluster.target.namespace;
  const places = [...new Set([wanted ?? cluster.defaultNamespace ?? "kubeflow", "kubeflow"])];
  let denied: HttpError | undefined;
  for (const service of places) {
    try {
      await send(cluster, { path: `/api/v1/namespaces/${service}/services/ml-pipeline`, signal });
      return { service, runs: wanted ?? service };
    } catch (error) {
      if (!(error instanceof HttpError)) throw explain(cluster, error);
      // A user of a profile may not look into kubeflow, and yet use its API.
      if (error.status === 403) denied = error;
      else if (error.status !== 404) throw explain(cluster, error);
    }
  }
  if (denied) return { service: "kubeflow", runs: wanted ?? cluster.defaultNamespace ?? "kubeflow" };
  const inWords = places.map((place) => `"${place}"`).join(" and ");
  throw new UserError(
    "no-kfp",
    `No Kubeflow Pipelines in cluster "${cluster.name}": there is no service ml-pipeline in namespace ${inWords}.`,
    {
      action: "Set the target's namespace to the one where KFP runs, or install KFP there.",
    },
  );
}

/** Any error of talking to a cluster, in words for a person: what happened, to what, what to do. */
export function explain(server: Server, error: unknown, doing?: string): UserError {
  if (error instanceof UserError) return error;
  const whom = `cluster "${server.name}" at ${server.url.origin}`;
  const kubeconfig = "Check the target's kubeconfig and context.";
  if (error instanceof HttpError) {
    if (error.status === 401) {
      return new UserError("token-refused", `The ${whom} refuses these credentials: ${error.message}.`, {
        action: "They have expired or belong to another cluster. Log in again as you do for kubectl.",
        cause: error,
      });
    }
    if (error.status === 403) {
      return new UserError(
        "forbidden",
        `You have no permission${doing ? ` to ${doing}` : ""} on ${whom}: ${error.message}.`,
        {
          action: "Ask whoever runs the cluster for this permission.",
          cause: error,
        },
      );
    }
    return new UserError(
      "cluster-refuses",
      `${capital(whom)} says no${doing ? ` (${doing})` : ""}: ${error.message} (HTTP ${error.status}).`,
      { cause: error },
    );
  }
  const code = codeOf(error);
  const why = words[code] ?? (error instanceof Error && error.message !== "" ? error.message : code);
  return new UserError("unreachable", `Cannot reach ${whom}: ${why}.`, {
    action: certificate(code)
      ? "The kubeconfig's certificate authority is not this cluster's. Write it anew."
      : kubeconfig,
    cause: error,
  });
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was cut",
  ENOTFOUND: "its name does not resolve",
  EAI_AGAIN: "its name does not resolve now",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "no route to it",
  ENETUNREACH: "no network",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted",
  CERT_HAS_EXPIRED: "its certificate has expired",
};

function certificate(code: string): boolean {
  return code.includes("CERT") || code.startsWith("UNABLE_TO_VERIFY");
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
}

function capital(text: string): string {
  return `The ${text}`;
}

/** As kubectl looks for it: the target's file, else KUBECONFIG, else ~/.kube/config. */
function kubeconfigs(file: string | undefined, target: string | undefined): readonly string[] {
  const named = file ? [file] : (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  const files = named.length > 0 ? named : [join(homedir(), ".kube", "config")];
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === files.length) {
    throw new UserError(
      "kubeconfig-missing",
      `${target === undefined ? "A cluster" : `Target "${target}"`} needs the kubeconfig ${missing.join(", ")}, which is not there.`,
      {
        action: "Write it with your cluster's own tool, or name another file in the target.",
      },
    );
  }
  return files;
}

interface Closable {
  onclose: (() => void) | null;
  close(): void;
}

function isSocket(value: unknown): value is Closable {
  return typeof value === "object" && value !== null && "onclose" in value && "close" in value;
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The members that have a value. */
function defined<T extends object>(value: T): Partial<Defined<T>> {
  // SAFETY: entries with undefined are filtered out, nothing else is changed.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<Defined<T>>;
}
