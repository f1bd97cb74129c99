import path from "node:path";
import colors from "picocolors";
import { repository } from "./repository.ts";
import { runCommand } from "./stores/run-command.ts";

// `npm run check`: everything that can be known without running the shop. All of it runs, then all that failed is shown.

const checks = [
  { name: "format", command: "prettier", args: ["--check", "--log-level", "warn", "."] },
  { name: "lint", command: "oxlint", args: ["--type-aware", "--quiet"] },
  { name: "types", command: "tsc", args: ["--noEmit"] },
  { name: "boundaries", command: "turbo", args: ["boundaries", "--no-color"] },
  { name: "dead code", command: "knip", args: ["--no-progress"] },
  { name: "words", command: "node", args: ["infra/stack/src/words/check-words.ts"] },
];

const failed: string[] = [];
for (const { name, command, args } of checks) {
  const startedMs = performance.now();
  const result = await runCommand(path.join(repository, "node_modules/.bin", command), args, {
    cwd: repository,
    env: { DO_NOT_TRACK: "1", TURBO_TELEMETRY_DISABLED: "1", NO_COLOR: "1" },
    timeoutMs: 600_000,
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (!result.ok) failed.push(name);
  console.log(`${result.ok ? colors.green("✓") : colors.red("✗")} ${name} ${colors.dim(`${seconds} s`)}`);
  if (!result.ok) console.log(`\n${result.output}\n`);
}
if (failed.length > 0) console.log(colors.red(`failed: ${failed.join(", ")}`));
process.exitCode = failed.length > 0 ? 1 : 0;
