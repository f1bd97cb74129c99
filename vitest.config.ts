import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Tests give up by themselves, with a reason, when nothing moves any more: these are for what hangs without one.
const onStores = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  setupFiles: fileURLToPath(new URL("infra/testkit/src/print-refusals.ts", import.meta.url)),
};

export default defineConfig({
  // Vite would take graphql's ES module beside the CommonJS one that Apollo's packages load, and the two refuse each other's types.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }] },
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: "unit", include: ["**/{src,test/reference-model}/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "stores",
          ...onStores,
          include: ["**/test/**/*.it.test.ts"],
          globalSetup: "infra/testkit/src/global-setup.ts",
        },
      },
      {
        extends: true,
        test: {
          name: "stories",
          include: ["infra/e2e/**/*.e2e.test.ts"],
          fileParallelism: false,
          ...onStores,
        },
      },
    ],
  },
});
