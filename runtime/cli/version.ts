/** Of the package: written in by esbuild from package.json. */
declare const MILLRACE_VERSION: string | undefined;

export const version = typeof MILLRACE_VERSION === "string" ? MILLRACE_VERSION : "0.0.0-source";
