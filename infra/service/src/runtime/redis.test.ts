import { eventually } from "@shop/testkit";
import { expect, test } from "vitest";
import { redisTrouble, watchRedis } from "./redis.ts";

const redisAt = (used: number, max: number, set = async () => "OK" as const) => ({
  set,
  info: async () => `# Memory\r\nused_memory:${used}\r\nmaxmemory:${max}\r\n`,
});
const oom = async (): Promise<"OK"> => {
  throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
};

test("a Redis is in trouble that refuses writes, or has used nine tenths of its memory", async () => {
  const mb = 2 ** 20;
  expect(await redisTrouble(redisAt(90 * mb, 100 * mb), "cart")).toBeUndefined();
  expect(await redisTrouble(redisAt(91 * mb, 100 * mb), "cart")).toMatch(/^91 % of its 100 MB/);
  expect(await redisTrouble(redisAt(91 * mb, 0), "cart")).toBeUndefined();
  expect(await redisTrouble(redisAt(1, 100 * mb, oom), "cart")).toMatch(/refuses writes: OOM/);
});

test("its trouble is logged at once and then now and again, and its end once", async () => {
  const said: string[] = [];
  const log = {
    error: ({ reason }: { reason: string }) => void said.push(reason),
    info: (text: string) => void said.push(text),
  };
  let looks = 0;
  let isFull = true;
  const redis = redisAt(1, 0, async () => {
    looks++;
    return isFull ? await oom() : "OK";
  });
  await using _watch = watchRedis(redis, "cart", log as never, { everyMs: 5, sayEveryMs: 150 });
  await eventually(() => said.length === 3, "it was not said again");
  expect(looks).toBeGreaterThan(6);
  isFull = false;
  await eventually(() => said.length === 4, "its end was not logged");
  expect(said.map((it) => it.slice(0, 10))).toEqual(["it refuses", "it refuses", "it refuses", "Redis is w"]);
});
