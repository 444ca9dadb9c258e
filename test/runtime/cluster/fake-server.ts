/** An HTTP server on 127.0.0.1 that answers as a test tells it to. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "../../../runtime/cluster/http.ts";

export interface FakeServer extends Server {
  /** Method, path and query of each request, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse, url: URL, body: string) => void;

export async function fakeServer(answer: Answer): Promise<FakeServer> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests.push(`${request.method} ${request.url}`);
      answer(request, response, new URL(request.url ?? "/", "http://fake"), Buffer.concat(chunks).toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // SAFETY: a server that listens on a port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    name: "fake",
    url: new URL(`http://127.0.0.1:${port}`),
    options: () => Promise.resolve({}),
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(response: http.ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** A Status object, as Kubernetes explains a refusal. */
export function refuse(response: http.ServerResponse, status: number, message: string): void {
  json(response, { kind: "Status", status: "Failure", message, code: status }, status);
}
