/** What every webview of ours has in common: its page, its policy, its connection. */
import { randomBytes } from "node:crypto";
import { Uri, type Webview } from "vscode";
import { hostArguments, type HostMethods, type ViewMethods } from "../webview/protocol.ts";
import { connect, type Connection, type Handlers } from "../webview/rpc.ts";

export type Page = "dag" | "run" | "lineage";

/** Fills a webview with one of our pages and serves what it asks. The caller closes the connection with the view. */
export function openPage(
  webview: Webview,
  extension: Uri,
  page: Page,
  title: string,
  handlers: Handlers<HostMethods>,
): Connection<ViewMethods> {
  const folder = Uri.joinPath(extension, "dist", "webview");
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const connection = connect<HostMethods, ViewMethods>(
    {
      post: (message) => void webview.postMessage(message),
      listen: (hear) => {
        const listening = webview.onDidReceiveMessage(hear);
        return () => {
          listening.dispose();
        };
      },
    },
    hostArguments,
    handlers,
  );
  const nonce = randomBytes(18).toString("base64");
  const script = webview.asWebviewUri(Uri.joinPath(folder, `${page}.js`)).toString();
  const style = webview.asWebviewUri(Uri.joinPath(folder, `${page}.css`)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    "img-src data:",
  ].join("; ");
  webview.html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="${style}">
<title>${escaped(title)}</title>
</head>
<body data-page="${page}"><script type="module" nonce="${nonce}" src="${script}"></script></body>
</html>`;
  return connection;
}

/** Handlers that refuse everything but what a page serves itself. */
export function onlyHandlers(own: Partial<Handlers<HostMethods>>): Handlers<HostMethods> {
  const refuse = () => {
    throw new Error("This view has no such action.");
  };
  return {
    ready: refuse,
    revealSource: refuse,
    selectNode: refuse,
    fold: refuse,
    openLog: refuse,
    run: refuse,
    compileWithPython: refuse,
    cancel: refuse,
    submit: refuse,
    addCluster: refuse,
    openArtifact: refuse,
    selectArtifact: refuse,
    revealArtifactSource: refuse,
    openRun: refuse,
    exportGraph: refuse,
    ...own,
  };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
