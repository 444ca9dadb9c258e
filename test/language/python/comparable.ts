import { gunzipSync } from "node:zlib";
import { parseAllDocuments } from "yaml";

/** Without what no compiler can reproduce, the SDK included (`kfp-output.md`): version, archives' times, order of dicts in the header. */
export function comparable(text: string): string {
  const plain = text.replaceAll(/kfp(-|==)\d+\.\d+\.\d+/g, "kfp$1V");
  if (plain.includes("__KFP_EMBEDDED_ARCHIVE_B64")) return withoutArchives(plain);
  // Key order of dicts in the header differs from run to run.
  return plain.replaceAll(/^# .*\[Default: .*\{.*$/gm, (line) => Array.from(line).sort().join(""));
}

/** The documents as JSON, each archive as the files in it. */
function withoutArchives(text: string): string {
  const header = text.split("\n").filter((line) => line.startsWith("#"));
  const documents = parseAllDocuments(text).map((document) => JSON.stringify(document.toJS(), null, 1));
  return [...header, ...documents]
    .join("\n")
    .replaceAll(
      /(__KFP_EMBEDDED_ARCHIVE_B64 = ')([A-Za-z0-9+/=]+)'/g,
      (_, start: string, archive: string) => `${start}${contents(archive)}'`,
    );
}

/** Names and texts of a tar in a gzip, in order. */
function contents(archive: string): string {
  const tar = gunzipSync(Buffer.from(archive, "base64"));
  const files: string[] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const field = (from: number, length: number): string =>
      tar.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(field(124, 12), 8) || 0;
    const name = [field(345, 155), field(0, 100)]
      .filter((part) => part !== "")
      .join("/")
      .replace(/\/$/, "");
    // Extended headers hold times.
    if (tar[at + 156] !== 0x78) files.push(`${name}:${tar.toString("latin1", at + 512, at + 512 + size)}`);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return JSON.stringify(files);
}
