/** Components that were fetched from the network before, with the user's consent. Nothing is fetched here. */
import type { Files } from "../source.ts";

/** Below the folder that a workspace keeps its runs in. */
export const fetchedFolder = ".millrace/components";

/** The file's name of what was fetched from a URL: readable, and one for each URL. */
export function fetchedName(url: string): string {
  let hash = 0xcbf29ce484222325n;
  // FNV-1a, 64 bits: nobody is to be kept from making two that are alike.
  for (const byte of new TextEncoder().encode(url))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  const words = url.replace(/^\w+:\/\//, "").replaceAll(/[^\w.-]+/g, "-");
  return `${words.slice(-80).replace(/^[-.]+/, "")}-${hash.toString(16).padStart(16, "0")}.yaml`;
}

/** The text that was fetched from a URL, of the folder or one above it; undefined where it was not. */
export function fetchedText(files: Files, folder: string, url: string): string | undefined {
  const name = fetchedName(url);
  for (let at = folder; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const text = files.read(`${at}/${fetchedFolder}/${name}`);
    if (text !== undefined || at === "") return text;
  }
}

/** An address that a component may be fetched from. */
export function isFetchable(url: string): boolean {
  return /^https?:\/\/[^\s/]+\/\S*$/.test(url);
}
