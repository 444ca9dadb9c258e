/** What is kept from one analysis to the next. */
import type { Work } from "../analyze.ts";
import { Parses } from "./parse-again.ts";
import { Remembered } from "./remembered.ts";

export interface Memory {
  readonly parses: Parses;
  readonly remembered: Remembered;
  /** Told what had to be done all the same. */
  readonly onWork?: (work: Work) => void;
}

export function createMemory(onWork?: (work: Work) => void): Memory {
  return { parses: new Parses(), remembered: new Remembered(), ...(onWork && { onWork }) };
}
