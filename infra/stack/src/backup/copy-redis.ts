import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { copyFolder } from "./copy-folder.ts";

/** The append-only file of a Redis that runs, which writes no new one meanwhile. Its end may be cut off: that is allowed for. */
export async function copyRunningRedis(url: string, folder: string, to: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    const [, found = usual] = await redis.config("GET", setting);
    // 0 was left by a backup that was killed.
    const percentage = found === "0" ? usual : found;
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
/** What Redis has by default, and the launcher leaves it. */
const usual = "100";
const longestRewriteMs = 120_000;

async function untilNoRewrite(redis: Redis): Promise<void> {
  for (const until = Date.now() + longestRewriteMs; ; await wait(50)) {
    const info = await redis.info("persistence");
    if (!/aof_rewrite_(in_progress|scheduled):1/.test(info)) return;
    if (Date.now() > until)
      throw new Error("Redis has been rewriting its file for two minutes. Try again later.");
  }
}
