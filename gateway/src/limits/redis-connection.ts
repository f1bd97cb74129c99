import { sleep } from "@shop/service/poll-loop";
import { Redis } from "ioredis";
import type { Logger } from "pino";

/** Commands fail at once instead of queueing while Redis is away: the throttles then count in memory. */
export function connectRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 500 });
  redis.on("error", (error) => log.warn({ reason: error.message }, "Redis is away"));
  return redis;
}

/** Waits until Redis connects or refuses, 500 ms at most: earlier attempts are counted by this gateway alone. */
export async function settled(redis: Redis): Promise<void> {
  if (redis.status === "ready") return;
  const known = new Promise<void>((resolve) => redis.once("ready", resolve).once("error", () => resolve()));
  await Promise.race([known, sleep(500)]);
}
