/**
 * Installed packages whose source is read: those that need `kfp`, as libraries of components do. All others
 * (numpy, torch, …) are large, and no pipeline's graph comes out of them.
 */
import type { Files } from "../source.ts";

/** What is installed in one folder: import name → the folder that holds the module. */
type Installed = ReadonlyMap<string, string>;

/** By folder; `listing` says when something was installed or removed since. */
const known = new Map<string, { readonly listing: string; readonly installed: Installed }>();

/** The folder to import a package of components from; undefined where no such package is installed. */
export function libraryFolder(files: Files, sitePackages: readonly string[], name: string): string | undefined {
  for (const folder of sitePackages) {
    const found = installedIn(files, folder).get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function installedIn(files: Files, folder: string): Installed {
  const names = files.list(folder);
  const listing = names.join("\n");
  const before = known.get(folder);
  if (before?.listing === listing) return before.installed;
  const installed = new Map<string, string>();
  for (const entry of names) {
    const distribution = /^(.+?)-[^-]+\.dist-info\/$/.exec(entry)?.[1];
    if (distribution === undefined) continue;
    const about = `${folder}/${entry.slice(0, -1)}`;
    if (distribution === "kfp" || !needsKfp(files.read(`${about}/METADATA`) ?? "")) continue;
    for (const [name, where] of modulesOf(files, folder, about, distribution)) installed.set(name, where);
  }
  known.set(folder, { listing, installed });
  return installed;
}

/** By the headers of a METADATA file; what only an extra needs does not count. */
function needsKfp(metadata: string): boolean {
  const [headers = ""] = metadata.split(/\r?\n\r?\n/, 1);
  return headers
    .split(/\r?\n/)
    .some((line) => /^Requires-Dist: *kfp\b(?![-_.])/i.test(line) && !/\bextra\b/.test(line));
}

/** The modules of a distribution: what its RECORD lists in this folder, and where it is installed from its sources. */
function modulesOf(files: Files, folder: string, about: string, distribution: string): [name: string, where: string][] {
  const found = new Map<string, string>();
  for (const line of (files.read(`${about}/RECORD`) ?? "").split("\n")) {
    const path = line.split(",", 1)[0] ?? "";
    const name = /^([A-Za-z_]\w*)(?:\/.*\.py|\.py)$/.exec(path)?.[1];
    if (name !== undefined) found.set(name, folder);
    // `pip install -e` leaves a file whose lines are folders to import from.
    if (/^[^/]+\.pth$/.test(path))
      for (const source of (files.read(`${folder}/${path}`) ?? "").split(/\r?\n/).filter((one) => one.startsWith("/")))
        for (const entry of files.list(source)) {
          const top = /^([A-Za-z_]\w*)(?:\/|\.py)$/.exec(entry)?.[1];
          if (top !== undefined && !/^(?:tests?|docs?|build|dist|setup)$/.test(top)) found.set(top, source);
        }
  }
  const plain = distribution.replaceAll("-", "_");
  if (found.size === 0 && files.list(`${folder}/${plain}`).length > 0) found.set(plain, folder);
  return [...found];
}

/** Where to look for the environments that a file's imports may come from. */
export interface EnvironmentWish {
  readonly path: string;
  /** The outermost folder whose virtual environments count. */
  readonly top: string | undefined;
  /** Of the process: VIRTUAL_ENV and PATH say which Python is at hand. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A program or an environment's folder that was chosen: before all others. */
  readonly interpreter?: string | undefined;
}

/** The `site-packages` folders that a file's imports may come from, the likeliest first. Nothing is run. */
export function sitePackagesFor(files: Files, { path, top, env, interpreter }: EnvironmentWish): readonly string[] {
  const plain = (one: string): string => one.replaceAll("\\", "/").replace(/\/+$/, "");
  const beside = (env["PATH"] ?? "").split(":").flatMap((one) => /^(.+)\/bin\/*$/.exec(one)?.[1] ?? []);
  const environments = [
    ...(interpreter === undefined ? [] : [plain(interpreter)]),
    ...(env["VIRTUAL_ENV"] ? [plain(env["VIRTUAL_ENV"])] : []),
    ...environmentsNear(files, path, top),
    ...beside,
  ];
  return [...new Set(environments.flatMap((one) => sitePackagesOf(files, one)))];
}

/** `site-packages` of the environment that a Python program or a folder of an environment belongs to. */
export function sitePackagesOf(files: Files, environment: string): readonly string[] {
  const root = environment.replace(/\/(?:bin|Scripts)\/[^/]+$/, "").replace(/\/python(?:\.exe)?$/, "");
  const found: string[] = [];
  for (const version of files.list(`${root}/lib`))
    if (/^python3(?:\.\d+)?\/$/.test(version))
      for (const name of ["site-packages", "dist-packages"]) {
        const folder = `${root}/lib/${version}${name}`;
        if (files.list(folder).length > 0) found.push(folder);
      }
  const windows = `${root}/Lib/site-packages`;
  return found.length === 0 && files.list(windows).length > 0 ? [windows] : found;
}

/** Virtual environments beside a file or in a folder above it, up to the workspace's; the nearest first. */
export function environmentsNear(files: Files, path: string, top: string | undefined): readonly string[] {
  const found: string[] = [];
  for (let at = path.slice(0, path.lastIndexOf("/")); at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    for (const name of [".venv", "venv"])
      if (files.read(`${at}/${name}/pyvenv.cfg`) !== undefined) found.push(`${at}/${name}`);
    if (at === top || top === undefined) break;
  }
  return found;
}
