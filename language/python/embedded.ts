/** `embedded_artifact_path`: a file or folder that travels inside of a component's program. */
import { diagnose } from "../diagnostics.ts";
import { type ArchiveEntry, archive } from "./archive.ts";
import type { Options } from "./component.ts";
import type { Machine } from "./machine.ts";
import { notebookProgram } from "./notebook-program.ts";
import { absolutePath } from "./paths.ts";

/** As much as a component's program should hold; the SDK warns at one megabyte. */
const mostBytes = 8_000_000;

/** The statements that unpack the archive when the program is loaded; undefined where nothing is embedded. */
export function embeddedArchive(machine: Machine, options: Options): string | undefined {
  const path = options.text("embedded_artifact_path");
  if (path === undefined || path === "") return undefined;
  const entries = entriesOf(machine, path);
  if (entries !== undefined) return unpacking(archive(entries), isFolder(entries) ? undefined : entries[0]?.name);
  machine.report(diagnose("not-embedded", options.span("embedded_artifact_path"), path));
  return undefined;
}

/** The statements that unpack a notebook, and run it when the component asks for that. */
export function notebookArchive(machine: Machine, options: Options): string | undefined {
  const path = options.text("notebook_path") ?? "";
  const span = options.span("notebook_path");
  const entries = path === "" ? undefined : entriesOf(machine, path);
  if (entries === undefined) {
    machine.report(diagnose("not-embedded", span, path === "" ? "the notebook" : path));
    return undefined;
  }
  const notebooks = entries.filter(
    ({ name, bytes }) =>
      bytes !== undefined &&
      (isFolder(entries) ? name.endsWith(".ipynb") && !name.includes("/.ipynb_checkpoints/") : /\.ipynb$/i.test(name)),
  );
  const [first] = notebooks;
  if (first !== undefined && notebooks.length === 1)
    return notebookProgram(archive(entries), first.name.replace(/^\.\//, ""));
  const wanted = isFolder(entries) ? "a folder with one notebook" : "a notebook (.ipynb)";
  machine.report(diagnose("wrong-value", span, `"${path}"`, wanted));
  return undefined;
}

/** What is at the path: the file by its name, or the folder as `.`; undefined as for `folderEntries`. */
function entriesOf(machine: Machine, path: string): ArchiveEntry[] | undefined {
  const absolute = absolutePath(machine, path);
  const file = machine.files.read(absolute);
  if (file === undefined) return folderEntries(machine, absolute);
  return [{ name: absolute.slice(absolute.lastIndexOf("/") + 1), bytes: new TextEncoder().encode(file) }];
}

function isFolder([first]: readonly ArchiveEntry[]): boolean {
  return first?.bytes === undefined;
}

/** Undefined: there is no such folder, it is too large, or holds what is not text (`Files` reads text only). */
function folderEntries(machine: Machine, root: string): ArchiveEntry[] | undefined {
  if (machine.files.list(root).length === 0) return undefined;
  const entries: ArchiveEntry[] = [{ name: "." }];
  let bytes = 0;
  const visit = (folder: string, name: string, depth: number): boolean => {
    const children = [...machine.files.list(folder)].map((child) => child.replace(/\/$/, "")).sort();
    const folders = new Set(machine.files.list(folder).filter((child) => child.endsWith("/")));
    return children.every((child) => {
      const below = `${name}/${child}`;
      if (folders.has(`${child}/`)) {
        entries.push({ name: below });
        return depth < 20 && visit(`${folder}/${child}`, below, depth + 1);
      }
      const text = machine.files.read(`${folder}/${child}`);
      if (text === undefined) return false;
      const content = new TextEncoder().encode(text);
      bytes += content.length;
      entries.push({ name: below, bytes: content });
      return bytes <= mostBytes;
    });
  };
  return visit(root, ".", 0) ? entries : undefined;
}

/** The program text is the SDK's: what runs in the container must be what its executor expects. */
function unpacking(encoded: string, fileName: string | undefined): string {
  const file =
    fileName === undefined
      ? ""
      : `\n__KFP_EMBEDDED_ASSET_FILE = __kfp_os.path.join(__KFP_EMBEDDED_ASSET_DIR, '${fileName}')\n`;
  return `__KFP_EMBEDDED_ARCHIVE_B64 = '${encoded}'

import base64 as __kfp_b64
import io as __kfp_io
import os as __kfp_os
import sys as __kfp_sys
import tarfile as __kfp_tarfile
import tempfile as __kfp_tempfile

# Extract embedded archive at import time to ensure sys.path and globals are set
__kfp_tmpdir = __kfp_tempfile.TemporaryDirectory()
__KFP_EMBEDDED_ASSET_DIR = __kfp_tmpdir.name
try:
    __kfp_bytes = __kfp_b64.b64decode(__KFP_EMBEDDED_ARCHIVE_B64.encode('ascii'))
    with __kfp_tarfile.open(fileobj=__kfp_io.BytesIO(__kfp_bytes), mode='r:gz') as __kfp_tar:
        __kfp_tar.extractall(path=__KFP_EMBEDDED_ASSET_DIR)
except Exception as __kfp_e:
    raise RuntimeError(f'Failed to extract embedded archive: {__kfp_e}')

# Always prepend the extracted directory to sys.path for import resolution
if __KFP_EMBEDDED_ASSET_DIR not in __kfp_sys.path:
    __kfp_sys.path.insert(0, __KFP_EMBEDDED_ASSET_DIR)
${file}
`;
}
