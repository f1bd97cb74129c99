import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findElasticsearch } from "@shop/stack";
import { eventually } from "@shop/testkit/eventually";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import type { Shopper } from "../src/shopper.ts";
import { key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";
import { openTraffic, type Traffic } from "./traffic.ts";

const hasElasticsearch = await findElasticsearch(() => undefined).then(
  () => true,
  (error: Error) => console.log(`Only the embedded engine is tested. ${error.message}`),
);

const find = `query Find($query: String, $filters: SearchFilters) {
  search(query: $query, filters: $filters, first: 50) { totalCount nodes { id } }
}`;

describe.each(hasElasticsearch ? (["embedded", "elasticsearch"] as const) : (["embedded"] as const))(
  "a shop with %s search",
  (engine) => {
    let open: OpenShop;
    let guest: Shopper;
    let staff: Shopper;
    let everything: number;
    let inPlenty: ReturnType<typeof plentyOf>;
    beforeAll(async () => {
      // An Elasticsearch of the shop's own, whatever this machine offers: it is going to be killed.
      open = await openShop({ isSplit: true, search: engine, env: { ELASTICSEARCH_URL: "" } });
      ({ guest } = open);
      staff = guest.as(await logIn(guest, "staff@shop.test"));
      inPlenty = plentyOf(guest, 1);
      everything = (await guest.get(find)).search.totalCount as number;
    });
    afterAll(() => open?.close());

    test("finds by text", async () => {
      const [plenty] = await inPlenty;
      const { search } = await guest.get(find, { query: plenty?.product });
      expect(search.totalCount).toBeGreaterThan(0);
      expect(everything).toBe(200);
    });

    test("is filled anew in mid-traffic, and all products are found all the time", async () => {
      const traffic = await openTraffic(guest, staff);
      await untilMoved(traffic);
      const { code, said } = await rebuild(open.dataFolder);
      await untilMoved(traffic);
      await traffic.stop();
      expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining("200 products") });
      expect(traffic.refusals).toEqual([]);
      expect(traffic.fewest()).toBe(everything);
      await expectAllFound(traffic);
    });

    test("kill -9 of the search service in mid-traffic: everything is found again, and no late event has won", async () => {
      const traffic = await through(() => open.shop.kill("search", "SIGKILL"));
      expect(traffic.refusals.filter((code) => code !== "SERVICE_UNAVAILABLE")).toEqual([]);
      await expectAllFound(traffic);
    });

    test("its index is wiped in mid-traffic: everything is found again, and no late event has won", async () => {
      const traffic = await through(() => wipe(open, engine));
      expect(traffic.refusals.filter((code) => code !== "SERVICE_UNAVAILABLE")).toEqual([]);
      await expectAllFound(traffic);
    });

    test.runIf(engine === "elasticsearch")(
      "kill -9 of Elasticsearch in mid-traffic: search says what it has said before, or that it can't; the rest goes on, and it catches up",
      async () => {
        const before = await guest.get(find, { query: "lamp" });
        const traffic = await openTraffic(guest, staff);
        await untilMoved(traffic);
        await open.shop.kill("elasticsearch", "SIGKILL");
        await open.shop.hold("elasticsearch");
        // Long enough for all that is tried only a few times to be given up.
        for (let more = 0; more < 6; more++) await untilMoved(traffic);
        expect(await guest.get(find, { query: "lamp" })).toEqual(before);
        expect(await guest.send(find, { query: "a lamp never searched for" })).toMatchObject({
          data: { search: null },
          errors: [{ path: ["search"], extensions: { code: "SERVICE_UNAVAILABLE" } }],
        });
        const [plenty] = await inPlenty;
        const input = { ...(await readyCart(guest, [plenty?.sku ?? ""])), idempotencyKey: key() };
        const checkout = await guest.carryOut("checkout-lean", { input });
        await untilOrder(guest, checkout.order.id, checkout.orderToken, ["CONFIRMED"]);
        // What was changed last is not changed again: it must have waited.
        await traffic.stop();
        await open.shop.release("elasticsearch");
        await expectAllFound(traffic);
        expect(traffic.complaints).toEqual([]);
        expect(new Set(traffic.refusals)).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
      },
    );

    /** A fault with traffic before, meanwhile and after it; nothing else of the shop suffers. */
    async function through(fault: () => Promise<void>): Promise<Traffic> {
      const traffic = await openTraffic(guest, staff);
      await untilMoved(traffic);
      await fault();
      await untilMoved(traffic);
      await until(
        async () => (await guest.send(find)).data?.search?.totalCount === everything,
        "all products",
      );
      await untilMoved(traffic);
      await traffic.stop();
      expect(traffic.complaints).toEqual([]);
      return traffic;
    }

    /** By its last price and nothing else: whatever was overtaken by an older event is not found. */
    async function expectAllFound({ watched }: Traffic): Promise<void> {
      await until(async () => {
        for (const { id, title, price } of watched) {
          if (price === undefined) continue;
          const filters = { priceMin: price, priceMax: price };
          const { data } = await guest.send(find, { query: title, filters });
          const nodes = (data?.search?.nodes ?? []) as { id: string }[];
          if (!nodes.some((node) => node.id === id)) return `${title} at ${price}`;
        }
        const { search } = await guest.get(find);
        return search.totalCount === everything || `${search.totalCount} of ${everything} products`;
      }, "every product at its last price");
    }
  },
);

/** Waits for more changes and searches, and for `isSo`. */
async function untilMoved(traffic: Traffic, isSo = () => true): Promise<void> {
  const [changes, answered] = [traffic.changes(), traffic.answered()];
  const asked = () => traffic.answered() + traffic.refusals.length;
  const moved = () => `${traffic.changes() - changes} changes, ${asked() - answered} searches`;
  await until(
    async () => traffic.changes() > changes + 60 && asked() > answered + 10 && isSo(),
    "traffic",
    moved,
  );
}

/** As long as it moves on; else a minute. */
async function until(
  isSo: () => Promise<boolean | string | undefined>,
  what: string,
  moved?: () => unknown,
): Promise<void> {
  let last: boolean | string | undefined;
  const isThere = async () => (last = await isSo()) === true;
  await eventually(isThere, what, { withinMs: 60_000, progress: () => [last, moved?.()] });
}

async function wipe({ shop, dataFolder }: OpenShop, engine: string): Promise<void> {
  if (engine === "embedded")
    return await rm(path.join(dataFolder, "search"), { recursive: true, force: true });
  const { stores } = await shop.status();
  const indices = await fetch(`${stores.elasticsearch}/shop-*?features=aliases`);
  const names = Object.keys((await indices.json()) as object);
  await fetch(`${stores.elasticsearch}/${names.join(",")}`, { method: "DELETE" });
}

async function rebuild(dataFolder: string): Promise<{ code: number; said: string }> {
  const script = fileURLToPath(new URL("../../stack/src/rebuild-search.ts", import.meta.url));
  const child = spawn(process.execPath, [script, "--data", dataFolder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += String(bytes)));
  const [code] = (await once(child, "close")) as [number];
  return { code, said };
}
