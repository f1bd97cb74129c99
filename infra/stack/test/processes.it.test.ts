import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { eventually } from "@shop/testkit";
import { stopOrphans, startRedis } from "@shop/stack";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPidFiles, pidFolder, startOf, writePidFile } from "../src/processes/pid-files.ts";
import { startProcess } from "../src/processes/start-process.ts";
import { supervise } from "../src/processes/supervise.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-processes-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("what a launcher killed with -9 has left running is ended by the next start, and no other process is", async () => {
  const script = `
    import { startStores } from ${JSON.stringify(import.meta.resolve("@shop/stack"))};
    await startStores({ dataFolder: ${JSON.stringify(folder)}, secret: "s", isDurable: false });
    console.log("up");
    setInterval(() => {}, 1000);`;
  const launcher = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(createInterface(launcher.stdout), "line");
  launcher.kill("SIGKILL");
  await once(launcher, "exit");

  const left = await readPidFiles(pidFolder(folder));
  expect(left.map(({ name }) => name).toSorted()).toEqual(["nats", "postgres", "redis"]);
  for (const { pid } of left) expect(startOf(pid)).toBeDefined();
  // A stranger who has got the pid of a process that is long gone.
  writePidFile(pidFolder(folder), {
    name: "stranger",
    pid: process.pid,
    startedAt: "yesterday",
    stopSignal: "SIGTERM",
  });

  const ended = await stopOrphans(folder);
  expect(ended.toSorted()).toEqual(["nats", "postgres", "redis"]);
  for (const { pid } of left) expect(startOf(pid)).toBeUndefined();
  expect(await readPidFiles(pidFolder(folder))).toEqual([]);
  expect(await stopOrphans(folder)).toEqual([]);
});

test("a store that is killed, or held and released, comes back at the same address with its data", async () => {
  const redis = await startRedis({ folder });
  const supervised = supervise({ first: redis.process, startAgain: redis.startAgain });
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  try {
    await client.set("cart:1", "two lamps");
    const before = supervised.pid();
    process.kill(before, "SIGKILL");
    await eventually(() => supervised.pid() !== before);
    expect(await client.get("cart:1")).toBe("two lamps");
    expect(supervised.restarts()).toBe(1);

    const held = supervised.pid();
    await supervised.hold();
    expect(startOf(held)).toBeUndefined();
    supervised.release();
    await eventually(() => supervised.pid() !== held);
    expect(await client.get("cart:1")).toBe("two lamps");
  } finally {
    client.disconnect();
    await supervised.stop();
  }
  expect(startOf(supervised.pid())).toBeUndefined();
});

test("a program that failed, is held and then mended starts at once, and its failure counts no more", async () => {
  const mended = path.join(folder, "mended");
  const script = `require("node:fs").existsSync(${JSON.stringify(mended)}) ? setInterval(() => {}, 1000) : process.exit(78)`;
  const lines: (string | undefined)[] = [];
  const start = () =>
    startProcess({
      name: "program",
      command: process.execPath,
      args: ["--eval", script],
      env: {},
      dataFolder: folder,
    });
  await using stack = new AsyncDisposableStack();
  const supervised = supervise({
    first: await start(),
    startAgain: start,
    onChange: (line) => lines.push(line),
  });
  stack.defer(() => supervised.stop());
  await eventually(() => supervised.lastExit()?.code === 78);
  await supervised.hold();
  await writeFile(mended, "");
  const failed = supervised.pid();

  supervised.release();
  expect(supervised.lastExit()).toBeUndefined();
  await eventually(() => supervised.pid() !== failed && lines.length % 2 === 0);
  const before = supervised.pid();
  const told = lines.length;
  await supervised.hold();
  supervised.release();
  await eventually(() => lines.length === told + 2);
  expect(supervised.pid()).not.toBe(before);
  expect(lines.slice(told)).toEqual([undefined, undefined]);
});
