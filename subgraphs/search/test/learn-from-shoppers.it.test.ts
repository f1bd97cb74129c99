import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Interaction, Activity, SearchRequest } from "../src/engine/engine.ts";
import { anEngine, engineNames } from "./engines.ts";
import { aDocument, aRequest, inStock, stock } from "./products.ts";

const lighting = [{ id: "cat_lamps", slug: "lamps", name: "Lamps" }];
const seating = [{ id: "cat_chairs", slug: "chairs", name: "Chairs" }];
const products = [
  aDocument({ id: "lamp-old", title: "Brass lamp", brand: "Aurum", categories: lighting, publishedAt: 1e12 }),
  aDocument({
    id: "lamp-new",
    title: "Steel lamp",
    brand: "Ferrum",
    categories: lighting,
    publishedAt: 2e12,
  }),
  aDocument({
    id: "lamp-gone",
    title: "Glass lamp",
    brand: "Vitrum",
    categories: lighting,
    publishedAt: 3e12,
  }),
  aDocument({
    id: "chair-a",
    ids: ["GC-100"],
    title: "Garden chair",
    brand: "Aurum",
    categories: seating,
    publishedAt: 1e12,
  }),
  aDocument({
    id: "chair-b",
    ids: ["GC-200"],
    title: "Garden chair",
    brand: "Ferrum",
    categories: seating,
    publishedAt: 1e12,
  }),
  aDocument({
    id: "chair",
    title: "Ferrum chair",
    brand: "Lignum",
    categories: lighting,
    publishedAt: 1.5e12,
  }),
];

describe.each(engineNames)("%s", (name) => {
  let opened: Awaited<ReturnType<typeof anEngine>>;

  beforeAll(async () => {
    opened = await anEngine(name);
    await opened.engine.write(
      products,
      products.map(({ id }) => (id === "lamp-gone" ? stock(`SKU-${id}`, 0, 1) : inStock(`SKU-${id}`))),
    );
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  const idsOf = async (given: Partial<SearchRequest>) =>
    (await opened.engine.search(aRequest(given))).hits.map(({ id }) => id);
  const recordActivity = (interactions: Partial<Interaction>[], queries: Activity["queries"] = []) =>
    opened.engine.recordActivity({
      queries,
      interactions: interactions.map((interaction) => ({
        ...{ productId: "lamp-old", customerId: null, query: null, bought: 0, atMs: Date.now() },
        ...interaction,
      })),
    });
  const preferencesOf = (customerId: string) => opened.engine.preferencesOf(customerId);
  const lamps = { filters: { categories: ["lamps"] } };

  test("a category page without views shows the newest first, and what is out of stock last", async () => {
    expect(await idsOf(lamps)).toEqual(["lamp-new", "chair", "lamp-old", "lamp-gone"]);
  });

  test("what is bought and looked at comes first on a category page; a unit sold says more than a look", async () => {
    await recordActivity([
      { productId: "chair", bought: 1 },
      { productId: "lamp-old", bought: 0 },
    ]);
    await eventually(async () => (await idsOf(lamps)).join() === "chair,lamp-old,lamp-new,lamp-gone");
    await recordActivity([{ productId: "lamp-gone", bought: 50 }]);
    await recordActivity([{ productId: "lamp-old", bought: 3 }]);
    await eventually(async () => (await idsOf(lamps)).join() === "lamp-old,chair,lamp-new,lamp-gone");
  });

  test("pages by popularity go on where they stood", async () => {
    const first = await opened.engine.search(aRequest({ ...lamps, size: 2 }));
    const after = first.hits.at(-1)?.place;
    expect(await idsOf({ ...lamps, size: 2, after })).toEqual(["lamp-new", "lamp-gone"]);
  });

  test("popularity outlives a change of the product, a rebuild and a restart", async () => {
    const [old, ...others] = products;
    await opened.engine.write([{ ...(old ?? aDocument({ id: "lamp-old" })), version: 2 }], []);
    expect((await idsOf(lamps))[0]).toBe("lamp-old");
    await opened.engine.rebuild(
      (async function* () {
        yield {
          documents: [...others, { ...(old ?? aDocument({ id: "lamp-old" })), version: 2 }],
          stock: [],
        };
        yield { documents: [], stock: products.map(({ id }) => inStock(`SKU-${id}`)) };
      })(),
    );
    expect((await idsOf(lamps)).slice(0, 2)).toEqual(["lamp-gone", "lamp-old"]);
    await opened.reopen();
    expect((await idsOf(lamps)).slice(0, 2)).toEqual(["lamp-gone", "lamp-old"]);
  });

  test("products are suggested by popularity", async () => {
    expect((await opened.engine.suggest("lam", 2)).productIds).toEqual(["lamp-gone", "lamp-old"]);
  });

  test("what several have searched is suggested, what one has typed is not", async () => {
    await recordActivity(
      [],
      [
        ...["ann", "ben", "a guest"].map((asker): [string, string] => ["brass lamp for reading", asker]),
        ...["ann", "ann", "ann", "ben"].map((asker): [string, string] => ["brazen secret", asker]),
        ...["ann", "ben", "cleo"].map((asker): [string, string] => ["brazen@example.com", asker]),
      ],
    );
    await eventually(async () =>
      (await opened.engine.suggest("bras", 5)).queries.includes("brass lamp for reading"),
    );
    await recordActivity([], [["brazen secret", "ann"]]);
    expect((await opened.engine.suggest("braz", 5)).queries).toEqual([]);
  });

  test("a look at what is no product leaves nothing behind", async () => {
    await recordActivity([{ productId: "nothing", customerId: "looker" }]);
    await opened.engine.write([aDocument({ id: "nothing", title: "Something", categories: lighting })], []);
    expect(await preferencesOf("looker")).toBeUndefined();
    await opened.engine.write([aDocument({ id: "nothing", version: 2, isLive: false })], []);
  });

  test("a search that ended in a purchase is suggested", async () => {
    await recordActivity([{ productId: "chair", customerId: "buyer", query: "throne" }]);
    await recordActivity([{ productId: "chair", customerId: "buyer", bought: 1 }]);
    await eventually(async () => (await opened.engine.suggest("thr", 5)).queries.includes("throne"));
  });

  describe("personal ranking", () => {
    beforeAll(async () => {
      for (const productId of ["lamp-new", "chair-b"])
        await recordActivity([{ productId, customerId: "fan", bought: 2 }]);
      await recordActivity([{ productId: "chair-b", customerId: "fan" }]);
    });

    test("of equally good matches, what the customer likes comes first", async () => {
      const preferences = await eventually(() => preferencesOf("fan"));
      expect(preferences.brands["ferrum"]).toBe(1);
      const [first] = await idsOf({ query: "garden chair", preferences });
      expect(first).toBe("chair-b");
      const other = { brands: { aurum: 1 }, categories: {} };
      expect((await idsOf({ query: "garden chair", preferences: other }))[0]).toBe("chair-a");
    });

    test("never outranks an exact match", async () => {
      const preferences = { brands: { ferrum: 1 }, categories: { chairs: 1 } };
      expect((await idsOf({ query: "ferrum chair", preferences }))[0]).toBe("chair");
      expect((await idsOf({ query: "gc-100", preferences }))[0]).toBe("chair-a");
    });

    test("moves a category page a little", async () => {
      const shelves = Array.from({ length: 20 }, (_, at) =>
        aDocument({
          id: `shelf-${at}`,
          brand: at === 10 ? "Ferrum" : "Lignum",
          categories: [{ id: "cat_shelves", slug: "shelves", name: "Shelves" }],
          publishedAt: 1e12 - at * 1e9,
        }),
      );
      await opened.engine.write(shelves, []);
      const page = { filters: { categories: ["shelves"] } };
      expect((await idsOf(page)).indexOf("shelf-10")).toBe(10);
      const ids = await idsOf({ ...page, preferences: { brands: { ferrum: 1 }, categories: {} } });
      expect(ids.indexOf("shelf-10")).toBe(7);
      expect(new Set(ids).size).toBe(20);
    });

    test("a customer without views and purchases has no preferences", async () => {
      expect(await preferencesOf("stranger")).toBeUndefined();
    });
  });
});
