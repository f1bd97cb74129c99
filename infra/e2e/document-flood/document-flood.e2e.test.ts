import { existsSync, readFileSync } from "node:fs";
import { readShopFile } from "@shop/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { streams } from "./document-streams.ts";

/** Enough of the large kinds to have killed the gateway (0.6 MB each): a third of them come twice, and are kept. */
const counts: Record<string, number> = { "29 aliases": 250, "as many words as may be": 60 };
const usually = 60;
const maxGrowthMb = 150;

let open: OpenShop;
let pids: { gateway: number; services: number };
beforeAll(async () => {
  open = await openShop();
  const status = await readShopFile(open.dataFolder);
  const [service] = Object.values(status?.services ?? {});
  if (!status || !service) throw new Error("the shop has left no file");
  pids = { gateway: status.gateway.pid, services: service.pid };
}, 240_000);
afterAll(() => open.close());

describe.skipIf(!existsSync("/proc/self/status"))("documents that were never sent before", () => {
  test(
    "take no more than 150 MB of the gateway or the services, of whatever kind",
    { timeout: 300_000 },
    async () => {
      await open.guest.send("search-page", { query: "headphone" });
      const before = residentMb();
      for (const [kind, make] of Object.entries(streams)) {
        const count = counts[kind] ?? usually;
        await inParallel(count, async (n) => {
          const { query, variables } = make(1_000_000 + n);
          for (let times = n % 3 === 0 ? 2 : 1; times > 0; times--) await open.guest.send(query, variables);
        });
        const now = residentMb();
        expect(now.gateway - before.gateway, `gateway after: ${kind}`).toBeLessThan(maxGrowthMb);
        expect(now.services - before.services, `services after: ${kind}`).toBeLessThan(maxGrowthMb);
      }
      const { errors } = await open.guest.send("search-page", { query: "headphone" });
      expect(errors).toBeUndefined();
      const after = await readShopFile(open.dataFolder);
      expect(after?.gateway.pid).toBe(pids.gateway);
    },
  );
});

async function inParallel(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

function residentMb(): { gateway: number; services: number } {
  return { gateway: residentOf(pids.gateway), services: residentOf(pids.services) };
}

function residentOf(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb ?? Number.NaN) / 1024;
}
