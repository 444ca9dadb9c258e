/**
 * Unary gRPC over a stream that is there already: HTTP/2 from Node, five bytes
 * before each message. (A library for this brings a server, name resolution
 * and retries that a port-forward has no use for.)
 *
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import http2 from "node:http2";
import type { Duplex } from "node:stream";

export interface Channel {
  /** The answer's bytes. Throws GrpcError where the server says no. */
  unary(method: string, request: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
  readonly closed: boolean;
  close(): void;
}

export class GrpcError extends Error {
  /** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "GrpcError";
    this.status = status;
  }
}

const notFound = 5;
export const isNotFound = (error: unknown): boolean => error instanceof GrpcError && error.status === notFound;

/** Takes the stream over; `close` ends it. */
export function channel(stream: Duplex, timeoutMs = 20_000): Channel {
  const session = http2.connect("http://localhost", { createConnection: () => stream });
  // Failures reach whoever waits for an answer; without a listener they would end the process.
  session.on("error", () => undefined);
  return {
    get closed() {
      return session.closed || session.destroyed;
    },
    close: () => session.destroy(),
    unary: (method, request, signal) =>
      new Promise((resolve, reject) => {
        const call = session.request(
          { ":method": "POST", ":path": method, "content-type": "application/grpc", te: "trailers" },
          signal ? { signal } : {},
        );
        const chunks: Buffer[] = [];
        let status = "";
        let message = "";
        const note = (headers: http2.IncomingHttpHeaders) => {
          if (headers["grpc-status"] !== undefined) status = String(headers["grpc-status"]);
          if (headers["grpc-message"] !== undefined) message = decodeURIComponent(String(headers["grpc-message"]));
        };
        call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer for ${timeoutMs / 1000} s`)));
        call.on("response", note);
        call.on("trailers", note);
        call.on("data", (chunk: Buffer) => chunks.push(chunk));
        call.on("error", reject);
        call.on("close", () => {
          if (status === "0") resolve(unframe(Buffer.concat(chunks)));
          else reject(new GrpcError(Number(status || "2"), message || "the connection ended before the answer"));
        });
        call.end(frame(request));
      }),
  };
}

function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function unframe(body: Buffer): Uint8Array {
  if (body.length < 5) return body.subarray(0, 0);
  return body.subarray(5, 5 + body.readUInt32BE(1));
}
