/**
 * HTTP to an API server: one request, or a stream of lines. Node's own client,
 * because a stream that is healthy and silent must not be cut off after a fixed
 * time, and one that hangs must be (@kubernetes/client-node's Watch does the
 * first, its Log the second).
 */
import http from "node:http";
import https from "node:https";
import { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import type { Json } from "../../language/spec/types.ts";
import { get, parse, text } from "./json.ts";

/** Where requests go, and how they prove who sends them. */
export interface Server {
  /** What a person calls it: the target's name. */
  readonly name: string;
  readonly url: URL;
  /** TLS settings and headers of the next request; asked anew each time, for tokens expire. */
  options(): Promise<https.RequestOptions>;
}

export interface Call {
  /** Path and query, absolute. */
  readonly path: string;
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: Json;
  readonly signal?: AbortSignal | undefined;
  /** For the answer's head, and between two pieces of its body. */
  readonly timeoutMs?: number;
}

/** The server answered, and said no. */
export class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "HttpError";
    this.status = status;
  }
}

const answerMs = 20_000;

/** The answer's JSON. Throws HttpError for a status of 400 and above, Node's error where the server is not reached. */
export async function send(server: Server, call: Call): Promise<Json> {
  const body = await read(await open(server, call), call.timeoutMs ?? answerMs);
  const value = body.trim() === "" ? null : parse(body);
  if (value === undefined)
    throw new HttpError(502, `the answer to ${call.path.split("?")[0]} is not JSON: ${body.slice(0, 80)}`);
  return value;
}

/** The answer's text, as it is. */
export async function sendForText(server: Server, call: Call): Promise<string> {
  return read(await open(server, call), call.timeoutMs ?? answerMs);
}

export interface Line {
  readonly text: string;
  /** False for what was left without a line end when the stream ended. */
  readonly whole: boolean;
}

/**
 * Lines of the answer as they come. Ends where the server ends the answer;
 * throws where the connection breaks, or nothing came for `timeoutMs`.
 */
export async function* lines(server: Server, call: Call): AsyncGenerator<Line, void> {
  const response = await open(server, call);
  const decoder = new StringDecoder("utf8");
  const idle = watchdog(response, call.timeoutMs ?? answerMs);
  let rest = "";
  try {
    for await (const chunk of chunksOf(response)) {
      idle.touch();
      rest += decoder.write(chunk);
      let from = 0;
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
        yield { text: rest.slice(from, end).replace(/\r$/, ""), whole: true };
        from = end + 1;
      }
      rest = rest.slice(from);
    }
    if (!response.complete) throw new Error("the connection was cut");
    rest += decoder.end();
    if (rest !== "") yield { text: rest, whole: false };
  } finally {
    idle.stop();
    response.destroy();
  }
}

async function open(server: Server, call: Call): Promise<http.IncomingMessage> {
  call.signal?.throwIfAborted();
  const options = await server.options();
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const url = new URL(server.url.pathname.replace(/\/$/, "") + call.path, server.url);
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = (url.protocol === "http:" ? http : https).request(url, {
      ...options,
      method: call.method ?? "GET",
      headers: {
        accept: "application/json",
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...headersOf(options.headers),
      },
    });
    const limit = setTimeout(() => request.destroy(timedOut(call.timeoutMs ?? answerMs)), call.timeoutMs ?? answerMs);
    // By hand: Node's own `signal` throws at an answer that is whole while nobody reads it.
    let answered: http.IncomingMessage | undefined;
    const cancel = () => (answered ?? request).destroy(new DOMException("aborted", "AbortError"));
    call.signal?.addEventListener("abort", cancel, { once: true });
    request.on("response", (answer) => {
      clearTimeout(limit);
      answered = answer;
      answer.on("error", () => undefined);
      answer.on("close", () => call.signal?.removeEventListener("abort", cancel));
      // A tunnel is a stream, not a socket.
      if (answer.socket instanceof Socket) answer.socket.setKeepAlive(true, 15_000);
      resolve(answer);
    });
    request.on("error", (error) => {
      clearTimeout(limit);
      call.signal?.removeEventListener("abort", cancel);
      reject(error);
    });
    request.end(body);
  });
  if ((response.statusCode ?? 0) >= 400)
    throw new HttpError(response.statusCode ?? 0, reasonOf(response, await read(response, answerMs)));
  return response;
}

async function read(response: http.IncomingMessage, timeoutMs: number): Promise<string> {
  const idle = watchdog(response, timeoutMs);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of chunksOf(response)) {
      idle.touch();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    idle.stop();
  }
}

/** Without an encoding set, the body comes as buffers. */
function chunksOf(response: http.IncomingMessage): AsyncIterable<Buffer> {
  return response;
}

/** The Server interface gives them as an object; Node would also take a list. */
function headersOf(headers: https.RequestOptions["headers"]): http.OutgoingHttpHeaders {
  if (Array.isArray(headers) || headers === undefined) return {};
  return Object.fromEntries(Object.entries(headers));
}

function watchdog(response: http.IncomingMessage, ms: number): { touch(): void; stop(): void } {
  const timer = setTimeout(() => response.destroy(timedOut(ms)), ms);
  return { touch: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

function timedOut(ms: number): Error {
  return Object.assign(new Error(`no answer for ${Math.round(ms / 1000)} s`), { code: "ETIMEDOUT" });
}

/** Kubernetes says why in a Status object, KFP in `error_message`, `message` or `error`. */
function reasonOf(response: http.IncomingMessage, body: string): string {
  const value = parse(body);
  const said =
    text(value, "message") ??
    text(value, "error_message") ??
    text(value, "error") ??
    text(get(value, "details", 0), "error_message");
  return said ?? (body.trim().slice(0, 300) || `HTTP ${response.statusCode} ${response.statusMessage ?? ""}`.trim());
}
