/**
 * Another Python server beside Millrace, for tests: basedpyright from npm (test/support/python-server) under the id
 * of its own extension. PYTHON_SERVER says where it lies.
 */
import { LanguageClient, TransportKind } from "vscode-languageclient/node";

export async function activate(context) {
  const module = `${process.env.PYTHON_SERVER}/node_modules/basedpyright/langserver.index.js`;
  const client = new LanguageClient(
    "basedpyright",
    "basedpyright",
    { module, transport: TransportKind.ipc },
    { documentSelector: [{ language: "python" }] },
  );
  context.subscriptions.push(client);
  await client.start();
}
