/**
 * TypeScript's parser, as ts-morph brings it. Loading it takes more than 100 ms, so
 * only files that need it import this module, and what runs for other files imports
 * those dynamically. No lib.d.ts and no checker: a pipeline is read from its syntax.
 * Only for the cells of a notebook is there both (`type-checker.ts`).
 */
export { ts } from "ts-morph";
