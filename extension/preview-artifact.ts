/** The first look at an artifact's file: rows of a table, a page, or nothing but its metadata. */
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Artifact } from "../runtime/events.ts";
import type { ArtifactOutput } from "../webview/renderer/output.ts";
import { artifactType } from "../webview/words.ts";
import { readTable } from "./read-table.ts";

const mostBytes = 256 * 1024;
const mostRows = 50;

/** Never throws: a file that cannot be read has no preview. */
export async function previewArtifact(key: string, artifact: Artifact): Promise<ArtifactOutput> {
  const type = artifactType(artifact.type);
  const output: ArtifactOutput = { key, type, uri: artifact.uri, metadata: artifact.metadata };
  if (type === "Model" || type.endsWith("Metrics")) return output;
  const text = await headOf(artifact.uri).catch(() => undefined);
  if (text === undefined || text === "") return output;
  if (type === "HTML") return { ...output, preview: { kind: "html", text } };
  if (type === "Markdown") return { ...output, preview: { kind: "markdown", text } };
  const table = readTable(text, artifact.uri, mostRows);
  return table ? { ...output, preview: { kind: "table", ...table } } : output;
}

/** The first part of a local text file; undefined where it is not text or not here. */
async function headOf(uri: string): Promise<string | undefined> {
  const path = uri.startsWith("file:") ? fileURLToPath(uri) : uri;
  if (!path.startsWith("/") && !/^[A-Za-z]:[\\/]/.test(path)) return undefined;
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    return head.includes(0) ? undefined : head.toString("utf8");
  } finally {
    await file.close();
  }
}
