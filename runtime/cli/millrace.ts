#!/usr/bin/env node
import * as module from "node:module";

// V8's code cache halves the time to load a command; Node 20 has none.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const { main } = await import("./main.ts");
await main(process.argv.slice(2));
