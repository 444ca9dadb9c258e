/** Amounts as people write them, as Kubernetes takes them. */
import { isCpu, isMemory } from "../../graph/resources.ts";

/** What a mistyped amount of memory plainly says; undefined where that is not plain. */
export function memoryMeant(given: string): string | undefined {
  const [, amount = "", unit = "", binary = ""] =
    /^\s*(\d+(?:\.\d+)?)\s*([kmgtpe])?(i)?(?:b|bytes?)?\s*$/i.exec(given) ?? [];
  const power = unit.toUpperCase();
  if (amount === "") return undefined;
  // A half Gi is written in Mi.
  const smaller = power === "" ? undefined : "EPTGMK"["EPTGMK".indexOf(power) + 1];
  const isWhole = !amount.includes(".");
  if (!isWhole && smaller === undefined) return undefined;
  const text = isWhole
    ? `${amount}${power}${binary ? "i" : ""}`
    : `${Math.round(Number(amount) * (binary ? 1024 : 1000))}${smaller}${binary ? "i" : ""}`;
  return isMemory(text) ? text : undefined;
}

export function cpuMeant(given: string): string | undefined {
  const [, amount = "", milli = ""] =
    /^\s*(\d+(?:[.,]\d+)?)\s*(m(?:illi)?)?(?:\s*v?(?:cpu|core)s?)?\s*$/i.exec(given) ?? [];
  const text = amount.replace(",", ".") + (milli ? "m" : "");
  return amount !== "" && isCpu(text) ? text : undefined;
}
