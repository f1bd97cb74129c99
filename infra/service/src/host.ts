import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { collectWhenIdle } from "./runtime/collect-when-idle.ts";
import { openLog } from "./runtime/telemetry.ts";
import { runningSubscriptions } from "./graphql/document-cache.ts";
import { startService, type RunningService, type ServiceDefinition } from "./service.ts";

// Hosts the services whose main.ts are named on the command line, all in this process: node host.ts <main.ts> [<main.ts> …]

const log = openLog("host");
const running: RunningService[] = [];
let isStopping = false;

async function stop(exitCode: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  const force = setTimeout(() => process.exit(1), 12_000);
  force.unref();
  for (const service of running.reverse()) {
    await service
      .stop()
      .catch((error: unknown) => log.error({ err: error, service: service.name }, "could not stop cleanly"));
  }
  process.exit(exitCode);
}

process.once("SIGTERM", () => void stop(0));
process.once("SIGINT", () => void stop(0));
// Any state may be torn here (postgres.js throws from timers): every service is safe to die and is started again.
process.on("uncaughtException", (error) => {
  log.fatal({ err: error }, "uncaught; the process ends");
  process.exit(70);
});
process.on("unhandledRejection", (error) => {
  log.fatal({ err: error }, "unhandled; the process ends");
  process.exit(70);
});

const files = process.argv.slice(2);
if (files.length === 0) {
  log.fatal("expected at least one path of a main.ts");
  process.exit(64);
}
try {
  const modules = await Promise.all(files.map(load));
  // Side by side: a service sends requests to others while it answers, not while it starts.
  const starts = await Promise.allSettled(modules.map((definition) => startService(definition)));
  for (const start of starts) if (start.status === "fulfilled") running.push(start.value);
  const failures = starts.flatMap((start) => (start.status === "rejected" ? [start.reason as Error] : []));
  for (const failure of failures) log.fatal({ err: failure }, withCauses(failure));
  if (failures.length > 0) await stop(78);
  collectWhenIdle(runningSubscriptions);
} catch (error) {
  log.fatal({ err: error }, withCauses(error));
  await stop(78);
}

/** The launcher prints it when a start is refused. */
function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause ? `${error.message}: ${withCauses(error.cause)}` : error.message;
}

async function load(file: string): Promise<ServiceDefinition> {
  const module: unknown = await import(pathToFileURL(resolve(file)).href);
  return (module as { default: ServiceDefinition }).default;
}
