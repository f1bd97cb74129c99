import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: "unit", include: ["**/src/**/*.test.ts"] } },
      { extends: true, test: { name: "stores", include: ["**/test/**/*.it.test.ts"] } },
      {
        extends: true,
        test: { name: "stories", include: ["infra/e2e/**/*.e2e.test.ts"], fileParallelism: false },
      },
    ],
  },
});
