import { Redis } from "ioredis";
import { messageOf } from "./message-of.ts";
import { pollLoop, type PollLoop } from "./poll-loop.ts";
import type { Logger } from "./telemetry.ts";

/** Opens a service's Redis; its errors are logged. */
export function openRedis(url: string, service: string, log: Logger): Redis {
  const redis = new Redis(url, {
    connectionName: service,
    commandTimeout: 2_000,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(1_000, 50 * times),
  });
  redis.on("error", (error: Error) => log.warn({ err: error }, "Redis reports an error"));
  return redis;
}

/** The part of `maxmemory` from which a Redis that evicts nothing is in danger: it refuses writes at the whole. */
const dangerousShare = 0.9;

/**
 * Why Redis can't be used, or soon can't be; undefined when all is well. It is asked by a write, since a full Redis
 * answers reads, and by its memory. Throws when it can't be reached.
 */
export async function redisTrouble(
  redis: Pick<Redis, "set" | "info">,
  service: string,
): Promise<string | undefined> {
  const [written, memory] = await Promise.allSettled([
    redis.set(`${service}:ready`, "1", "EX", 60),
    redis.info("memory"),
  ]);
  if (memory.status === "rejected") throw memory.reason;
  if (written.status === "rejected") return `it refuses writes: ${messageOf(written.reason)}`;
  const [used, max] = [numberIn(memory.value, "used_memory"), numberIn(memory.value, "maxmemory")];
  if (max === 0 || used <= dangerousShare * max) return undefined;
  return `${Math.floor((100 * used) / max)} % of its ${Math.round(max / 2 ** 20)} MB are used; it refuses writes when all are`;
}

/** Checks every 10 s, and logs trouble at once, then once a minute for as long as it lasts. */
export function watchRedis(
  redis: Pick<Redis, "set" | "info">,
  service: string,
  log: Pick<Logger, "error" | "info">,
  { everyMs = 10_000, sayEveryMs = 60_000 } = {},
): PollLoop {
  let loggedAtMs: number | undefined;
  const onError = (error: unknown) => log.error({ err: error }, "Redis could not be checked");
  return pollLoop({ everyMs, onError }, async (signal) => {
    const reason = await redisTrouble(redis, service).catch(messageOf);
    const nowMs = performance.now();
    if (signal.aborted) return;
    if (reason !== undefined && (loggedAtMs === undefined || nowMs - loggedAtMs >= sayEveryMs)) {
      log.error({ reason }, "Redis is in trouble");
      loggedAtMs = nowMs;
    } else if (reason === undefined && loggedAtMs !== undefined) {
      log.info("Redis is well again");
      loggedAtMs = undefined;
    }
  });
}

function numberIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
}
