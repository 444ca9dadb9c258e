import { extensions, type Uri, workspace } from "vscode";
import type { LanguageSettings } from "../language/protocol.ts";

/**
 * The interpreter, or the folder of the environment, that is chosen in the Python extension; undefined without it.
 * `wake`: it is started for that, where nothing else has started it.
 */
export async function chosenInterpreter(
  file: Uri | undefined,
  { wake }: { wake: boolean },
): Promise<string | undefined> {
  const python = extensions.getExtension<unknown>("ms-python.python");
  if (!python || !(wake || python.isActive)) return undefined;
  const api: unknown = python.isActive ? python.exports : await python.activate();
  const environments: unknown = typeof api === "object" && api !== null ? Reflect.get(api, "environments") : undefined;
  if (typeof environments !== "object" || environments === null) return undefined;
  const active: unknown = Reflect.get(environments, "getActiveEnvironmentPath");
  if (typeof active !== "function") return undefined;
  const found: unknown = Reflect.apply(active, environments, [file]);
  const path: unknown = typeof found === "object" && found !== null ? Reflect.get(found, "path") : undefined;
  return typeof path === "string" && path !== "" ? path : undefined;
}

/** What the settings say of the Python that files are read for. */
export function pythonSettings(): LanguageSettings {
  const settings = workspace.getConfiguration("millrace.python");
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const interpreter = settings.get<string>("interpreter", "").replaceAll("${workspaceFolder}", folder);
  const environment = Object.entries(settings.get<Record<string, unknown>>("environment", {})).flatMap(
    ([name, value]) => (typeof value === "string" || typeof value === "number" ? [[name, String(value)] as const] : []),
  );
  return { ...(interpreter === "" ? {} : { interpreter }), environment: Object.fromEntries(environment) };
}
