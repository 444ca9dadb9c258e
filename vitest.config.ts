import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/vscode/**", "test/cluster/**", "test/language/python/oracle/**"],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
});
