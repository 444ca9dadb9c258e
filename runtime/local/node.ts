import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/**
 * A folder in which `node` is the Node that runs this program, to be put into a
 * step's PATH: TypeScript components need no other. Electron plays Node where
 * the editor runs us.
 */
export async function nodeFolder(parent: string): Promise<string> {
  const folder = join(parent, "bin");
  await mkdir(folder, { recursive: true });
  const program = process.execPath;
  if (process.versions["electron"] === undefined && /^node/.test(basename(program)) && process.platform !== "win32") {
    await symlink(program, join(folder, "node"));
  } else if (process.platform === "win32") {
    await writeFile(join(folder, "node.cmd"), `@set ELECTRON_RUN_AS_NODE=1\r\n@"${program}" %*\r\n`);
  } else {
    const file = join(folder, "node");
    await writeFile(file, `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec '${program.replaceAll("'", "'\\''")}' "$@"\n`);
    await chmod(file, 0o755);
  }
  return folder;
}
