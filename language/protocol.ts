/**
 * What the language server (`server.ts`) answers beside LSP. Types only. URIs are the
 * client's own; ranges are LSP's (zero-based, UTF-16). A file that is not there, or an error
 * inside the server, answers null.
 */
import type { ByPython } from "./analyze.ts";
import type { LaidOutDag } from "./dag/view.ts";
import type { PythonResult } from "./python/by-python.ts";
import type { Position } from "./source.ts";
import type { Definitions } from "./spec/types.ts";

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface Location {
  readonly uri: string;
  readonly range: Range;
}

export interface FileParams {
  readonly uri: string;
}

/** `symbol`: variable or name of a definition. Absent: the file's last pipeline, or its last component. */
export interface DefinitionParams extends FileParams {
  readonly symbol?: string;
}

export interface DefinitionInfo {
  readonly kind: "pipeline" | "component";
  readonly symbol: string;
  readonly name: string;
  readonly description?: string;
  readonly inputs: Definitions;
  readonly outputs: Definitions;
  /** The whole definition with its decorators. */
  readonly range: Range;
  readonly nameRange: Range;
  /** The user's own Python compiled it. */
  readonly byPython?: ByPython;
  /** It cannot be read: Python would know. */
  readonly asksPython?: true;
}

export interface GraphAnswer {
  /** Of the text that was drawn; absent for a file that is not open. */
  readonly version?: number;
  /** Absent where errors leave nothing to draw, and where it is the drawing that the client has. */
  readonly graph?: LaidOutDag;
  /** Which drawing it is, as long as the server lives: most keys change no picture. */
  readonly drawing?: number;
  /** The first error of the file, and how many there are. */
  readonly problem?: { readonly message: string; readonly count: number };
  readonly byPython?: ByPython;
  readonly asksPython?: true;
}

export interface CellInfo {
  readonly kind: "code" | "markdown" | "raw";
  readonly title?: string;
  readonly text: string;
  /** With its marker line. */
  readonly range: Range;
}

/** Method name → parameters and answer. */
export interface LanguageRequests {
  "millrace/definitions": {
    readonly params: FileParams;
    readonly result: { readonly version?: number; readonly definitions: readonly DefinitionInfo[] };
  };
  "millrace/graph": {
    /** `drawing`: what the client has, and needs no second time. */
    readonly params: DefinitionParams & { readonly folded?: readonly string[]; readonly drawing?: number };
    readonly result: GraphAnswer;
  };
  /** Where the task of a node stands: `node` is a task path, `root.for-loop-1.train`. */
  "millrace/sourceOf": { readonly params: DefinitionParams & { readonly node: string }; readonly result: Location };
  /** The innermost task at a position; without a symbol, of the pipeline that stands there. */
  "millrace/nodeAt": {
    readonly params: DefinitionParams & { readonly position: Position };
    readonly result: { readonly symbol: string; readonly node: string };
  };
  "millrace/cells": { readonly params: FileParams; readonly result: { readonly cells: readonly CellInfo[] } };
  "millrace/compile": {
    readonly params: DefinitionParams;
    readonly result: { readonly yaml?: string; readonly problem?: string };
  };
}

export interface PipelineInfo {
  readonly uri: string;
  readonly symbol: string;
  readonly name: string;
  readonly description?: string;
  readonly nameRange: Range;
  /** Errors keep it from being compiled. */
  readonly broken: boolean;
}

/** Of the whole workspace: no file is named. */
export interface WorkspaceRequests {
  /** Every pipeline of the workspace's folders, by path. */
  "millrace/pipelines": {
    readonly params: Readonly<Record<string, never>>;
    readonly result: {
      readonly pipelines: readonly PipelineInfo[];
      /** False where the time was up, or there were too many, before all files had been looked at. */
      readonly complete: boolean;
    };
  };
}

/** Server → client. */
export interface LanguageNotifications {
  /** The file, or one that it imports, has been analysed anew. */
  "millrace/changed": { readonly uri: string; readonly version?: number };
  /** A project that had none has types for TypeScript now, in `.millrace`. */
  "millrace/typesMade": undefined;
}

/** Client → server. */
export interface LanguageMessages {
  /** Settings that have changed; those that are not named stay as they are. */
  "millrace/settings": LanguageSettings;
  /** What the user's own Python made of a file: part of its analysis from now on. Null: no longer. */
  "millrace/compiledWithPython": { readonly uri: string; readonly result: PythonResult | null };
  /** A notebook shows the file's cells, or no longer: its problems are then TypeScript's too, from which nobody else hears. */
  "millrace/cells": { readonly uri: string; readonly shown: boolean };
}

/** `initializationOptions`, all optional. */
export interface LanguageSettings {
  /** Version of the SDK that is written into compiled files. */
  readonly sdkVersion?: string;
  /** Import roots for Python beside the file's folder and the workspace folders; absolute paths. */
  readonly pythonPath?: readonly string[];
  /** The user's Python, or the folder of its environment: packages of components that are installed there are read. */
  readonly interpreter?: string;
  /** Environment variables that Python files read while they are compiled, before those of the process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What our client adds to LSP's questions about Python files, where other servers answer them as well. */
export interface BesideOthers {
  /** Of a hover: what others say there. It is not said again. */
  readonly others?: string;
  /** Of completion and outline: others know the names of the file. Default: nobody does. */
  readonly alone?: boolean;
}

/** Of inlay hints: steps that a run would now answer from the cache. */
export interface Forecast {
  readonly symbol: string;
  /** Task paths of the pipeline `symbol`. */
  readonly nodes: readonly string[];
}

/** What a hover is about, beside LSP's answer: its last run can be told. */
export interface HoverSubject {
  readonly uri: string;
  readonly symbol: string;
  /** A node of the pipeline `symbol`; absent: the definition itself. */
  readonly node?: string;
}
