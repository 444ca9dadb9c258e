import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:cluster`: against a real Kubernetes with Kubeflow Pipelines; not part of `npm test`. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/cluster/**/*.test.ts"],
    globalSetup: ["test/cluster/setup.ts"],
    // A pod takes seconds to start, on a busy machine more; a run is a dozen of them.
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
