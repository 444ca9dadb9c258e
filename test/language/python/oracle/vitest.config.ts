import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:oracle`: many files asked of the real SDK; not part of `npm test`. */
export default defineConfig({
  root: fileURLToPath(new URL("../../../..", import.meta.url)),
  test: { include: ["test/language/python/oracle/**/*.test.ts"] },
});
