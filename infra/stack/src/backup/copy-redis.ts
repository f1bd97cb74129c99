import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { copyFolder } from "./copy-folder.ts";

/** The append-only file of a Redis that runs, which writes no new one meanwhile. Redis can load a file whose end is cut off. */
export async function copyRunningRedis(url: string, folder: string, to: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    const [, found = defaultPercentage] = await redis.config("GET", setting);
    // A killed backup leaves 0.
    const percentage = found === "0" ? defaultPercentage : found;
    await redis.config("SET", setting, "0");
    try {
      await untilNoRewrite(redis);
      await copyStoppedRedis(folder, to);
    } finally {
      await redis.config("SET", setting, percentage);
    }
  } finally {
    redis.disconnect();
  }
}

export async function copyStoppedRedis(folder: string, to: string): Promise<void> {
  await copyFolder(folder, to, {
    isWanted: (file) => file.startsWith("appendonly") && !file.includes("temp-"),
  });
}

const setting = "auto-aof-rewrite-percentage";
/** Redis' default, which the launcher keeps. */
const defaultPercentage = "100";
const maxRewriteMs = 120_000;

async function untilNoRewrite(redis: Redis): Promise<void> {
  for (const until = Date.now() + maxRewriteMs; ; await wait(50)) {
    const info = await redis.info("persistence");
    if (!/aof_rewrite_(in_progress|scheduled):1/.test(info)) return;
    if (Date.now() > until)
      throw new Error("Redis has been rewriting its file for two minutes. Try again later.");
  }
}
