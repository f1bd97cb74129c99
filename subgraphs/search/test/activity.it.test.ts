import { event, seal, type EventData, type ShopEvent } from "@shop/events";
import { handleOnce, openPostgres, type Postgres } from "@shop/service";
import { testStores } from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "@shop/service/migrate";
import { activityStore, type ActivityStore } from "../src/activity/activity-store.ts";
import { handlers } from "../src/activity/events.ts";
import { popularityGain } from "../src/activity/popularity.ts";
import { preferencesOf } from "../src/activity/preferences.ts";
import { aDocument } from "./products.ts";
import { purchaseOf } from "./snapshots.ts";

const opened = new AsyncDisposableStack();
let pg: Postgres;
let store: ActivityStore;
beforeAll(async () => {
  const stores = opened.use(await testStores());
  pg = opened.use(openPostgres(await stores.databaseUrl("search"), { service: "search" }));
  await migrate(pg.sql, new URL("../migrations/", import.meta.url));
  store = activityStore(pg);
});
afterAll(() => opened.disposeAsync());

const at = "2026-11-01T00:00:00Z";
const atMs = Date.parse(at);
const handle = (...events: ShopEvent[]) =>
  Promise.all(events.map((one) => handleOnce(pg, handlers(store), one)));

type Search = EventData<"ProductsSearched">["searches"][number];
const searched = (...searches: Pick<Search, "query" | "customerId">[]) => {
  const found = searches.map((search) => ({ totalCount: 1, didYouMean: null, at, ...search }));
  const data = { searches: found };
  return seal(event("ProductsSearched", { aggregateId: "one", version: 1, data }), new Date(at)) as ShopEvent;
};
const viewed = (customerId: string | null, ...productIds: string[]) =>
  lookedAt(customerId, null, ...productIds);
const lookedAt = (customerId: string | null, query: string | null, ...productIds: string[]) => {
  const views = productIds.map((productId) => ({ productId, query, customerId, at }));
  return seal(
    event("ProductsViewed", { aggregateId: "one", version: 1, data: { views } }),
    new Date(at),
  ) as ShopEvent;
};
const bought = (name: string, customerId: string) =>
  seal(purchaseOf(name, customerId), new Date(at)) as ShopEvent;
const popularityOf = async (id: string) => (await store.withPopularity([aDocument({ id })]))[0]?.popularity;

test("an event that comes twice counts once, also when it comes to two instances at the same time", async () => {
  const [view, purchase] = [viewed("ann", "prd_twice"), bought("twice", "ann")];
  await handle(view, view, purchase, purchase);
  await handle(view, purchase);
  const once = popularityGain({ bought: 0, atMs }) + popularityGain({ bought: 1, atMs });
  expect(await popularityOf("prd_twice")).toBe(once);
  expect(await store.historyOf("ann")).toHaveLength(2);
  const asked = ["ann", "ben"].map((customerId) => ({ query: "twice told", customerId }));
  const search = searched(...asked);
  await handle(search, search);
  expect(await store.popularQueries("twice", 5)).toEqual([]);
});

test("events of a rush add up", async () => {
  await handle(...Array.from({ length: 40 }, (_, n) => viewed(`usr_${n}`, "prd_rush", "prd_other")));
  expect(await popularityOf("prd_rush")).toBe(40 * popularityGain({ bought: 0, atMs }));
});

test("popularity is to be indexed until the index has it; what is bought meanwhile is again", async () => {
  await handle(viewed("ann", "prd_fresh"));
  const before = await store.popularityToIndex(1_000);
  expect(before.get("prd_fresh")).toBe(popularityGain({ bought: 0, atMs }));
  await handle(viewed("ben", "prd_fresh"));
  await store.markIndexed(before);
  expect([...(await store.popularityToIndex(1_000)).keys()]).toEqual(["prd_fresh"]);
  await store.markIndexed(await store.popularityToIndex(1_000));
  expect((await store.popularityToIndex(1_000)).size).toBe(0);
});

describe("queries", () => {
  test("that several have searched are suggested, what one has typed is not, and no address ever", async () => {
    const by = (query: string, ...customers: (string | null)[]) =>
      searched(...customers.map((customerId) => ({ query, customerId })));
    await handle(
      by("Brass lamp for reading", "ann", "ben", null),
      by("brazen secret", "ann", "ann", "ann", "ben"),
    );
    await handle(by("brazen secret", "ann"), by("brazen@example.com", "ann", "ben", "cleo"));
    await handle(by("bra\0zen", "ann", "ben", "cleo"));
    expect(await store.popularQueries("bra", 5)).toEqual(["brass lamp for reading"]);
    expect(await store.popularQueries("", 5)).toEqual([]);
    expect(await store.popularQueries("bra\0", 5)).toEqual([]);
  });

  test("that ended in a purchase are suggested", async () => {
    await handle(lookedAt("buyer", "Throne", "prd_seat"));
    await handle(bought("seat", "buyer"));
    expect(await store.popularQueries("thr", 5)).toEqual(["throne"]);
  });

  test("are suggested by how often they were asked", async () => {
    const askers = (query: string, count: number) =>
      searched(...Array.from({ length: count }, (_, n) => ({ query, customerId: `usr_${n}` })));
    await handle(askers("kettle red", 3), askers("kettle blue", 9), askers("kettle", 4));
    expect(await store.popularQueries("kettle", 2)).toEqual(["kettle blue", "kettle"]);
  });
});

describe("preferences", () => {
  const kinds = new Map([
    ["prd_a", { brand: "ferrum", category: "chairs" }],
    ["prd_b", { brand: "aurum", category: "lamps" }],
  ]);
  const engine = { kindsOf: () => Promise.resolve(kinds) };

  test("weigh a purchase as twenty views; unknown products don't count", async () => {
    await handle(bought("a", "fan"), viewed("fan", "prd_b", "prd_b", "prd_unknown"));
    expect(await preferencesOf(store, engine)("fan")).toEqual({
      brands: { ferrum: 1, aurum: 0.1 },
      categories: { chairs: 1, lamps: 0.1 },
    });
  });

  test("a customer without views and purchases has none", async () => {
    expect(await preferencesOf(store, engine)("stranger")).toBeUndefined();
  });

  test("are of the last fifty views and purchases", async () => {
    await handle(bought("a", "looker"));
    await handle(viewed("looker", ...Array.from({ length: 50 }, () => "prd_b")));
    expect(await store.historyOf("looker")).toHaveLength(50);
    expect((await preferencesOf(store, engine)("looker"))?.brands).toEqual({ aurum: 1 });
  });
});
