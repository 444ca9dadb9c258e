/** esbuild turns the style sheets that an entry imports into one beside its script. */
declare module "*.css";
