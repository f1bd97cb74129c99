import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stopOrphans } from "@shop/stack";
import { eventually } from "@shop/testkit";
import getPort from "get-port";
import { afterAll, beforeAll, expect, test } from "vitest";

const start = fileURLToPath(new URL("../src/start.ts", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-launcher-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `npm start` says when it refuses. */
function refusal(args: string[], env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [start, ...args],
      { env: { ...process.env, ...env }, timeout: 180_000 },
      (error, out, complaint) => (error ? resolve(out + complaint) : reject(new Error("it started"))),
    );
  });
}

async function shopFolder(name: string, ...more: string[]): Promise<string> {
  const shop = path.join(folder, name);
  for (const one of ["order", ...more]) {
    await mkdir(path.join(shop, one), { recursive: true });
    await writeFile(path.join(shop, one, "mine.txt"), "mine");
  }
  return shop;
}

test("--reset removes nothing where no shop has been", { timeout: 180_000 }, async () => {
  const sources = await shopFolder("sources", "logs");
  expect(await refusal(["--reset", "--data", sources])).toContain("is no shop's folder");
  for (const name of ["order", "logs"]) expect(existsSync(path.join(sources, name, "mine.txt"))).toBe(true);
});

test("--reset removes nothing when the shop can't start", { timeout: 180_000 }, async () => {
  const shop = await shopFolder("shop", "secrets.json");
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  expect(await refusal(["--reset", "--data", shop], { PORT: String(port) })).toContain("is taken");
  expect(existsSync(path.join(shop, "order", "mine.txt"))).toBe(true);
  taken.close();
});

test(
  "Ctrl-C while it comes up, told by the terminal and again by npm, leaves nothing running",
  { timeout: 180_000 },
  async () => {
    const shop = path.join(folder, "interrupted");
    const env = { ...process.env, PORT: String(await getPort()) };
    const launcher = spawn(process.execPath, [start, "--reset", "--data", shop], { env, stdio: "ignore" });
    const ended = once(launcher, "exit");
    const isUp = () => existsSync(path.join(shop, "run", "redis.json")) || undefined;
    await eventually(isUp, "no store came up", 60_000);
    launcher.kill("SIGINT");
    launcher.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
    expect(await stopOrphans(shop)).toEqual([]);
  },
);

test("an external store that isn't there is named by its setting", { timeout: 180_000 }, async () => {
  const nowhere = { REDIS_URL: "redis://127.0.0.1:1", NATS_URL: "nats://127.0.0.1:1" };
  const said = await refusal(["--data", path.join(folder, "none")], {
    ...nowhere,
    PORT: String(await getPort()),
  });
  expect(said).toContain("REDIS_URL: nothing answers at 127.0.0.1:1 (ECONNREFUSED)");
  expect(said).toContain("NATS_URL: nothing answers");
});
