import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SearchRequest } from "../src/engine/engine.ts";
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
  const setPopularity = (popularity: Record<string, number>) =>
    opened.engine.setPopularity(new Map(Object.entries(popularity)));
  const lamps = { filters: { categories: ["lamps"] } };

  test("a category page without views shows the newest first, and what is out of stock last", async () => {
    expect(await idsOf(lamps)).toEqual(["lamp-new", "chair", "lamp-old", "lamp-gone"]);
  });

  test("what is popular comes first on a category page", async () => {
    expect(await setPopularity({ chair: 20, "lamp-old": 1 })).toBe(true);
    await eventually(async () => (await idsOf(lamps)).join() === "chair,lamp-old,lamp-new,lamp-gone");
    await setPopularity({ "lamp-gone": 1_000, "lamp-old": 61, "no such product": 9 });
    await eventually(async () => (await idsOf(lamps)).join() === "lamp-old,chair,lamp-new,lamp-gone");
  });

  test("popularity never sinks: what comes late, or with a changed product, leaves the larger one", async () => {
    await setPopularity({ "lamp-old": 5 });
    const known = products.find(({ id }) => id === "chair") ?? aDocument({ id: "chair" });
    await opened.engine.write([{ ...known, version: 2, popularity: 3 }], []);
    await setPopularity({ "lamp-new": 2 });
    await eventually(async () => (await idsOf(lamps)).join() === "lamp-old,chair,lamp-new,lamp-gone");
  });

  test("pages by popularity go on where they stood", async () => {
    const first = await opened.engine.search(aRequest({ ...lamps, size: 2 }));
    const after = first.hits.at(-1)?.place;
    expect(await idsOf({ ...lamps, size: 2, after })).toEqual(["lamp-new", "lamp-gone"]);
  });

  test("popularity outlives a change of the product and a restart; a rebuild brings its own, and takes no other meanwhile", async () => {
    const [old = aDocument({ id: "lamp-old" }), ...others] = products;
    await opened.engine.write([{ ...old, version: 2 }], []);
    expect((await idsOf(lamps))[0]).toBe("lamp-old");
    await opened.engine.rebuild(
      (async function* () {
        const popular = [...others, { ...old, version: 2 }].map((document) => {
          const popularity = { "lamp-gone": 1_000, "lamp-old": 61, chair: 20 }[document.id] ?? 0;
          return { ...document, version: 2, popularity };
        });
        yield { documents: popular, stock: [] };
        expect(await setPopularity({ "lamp-new": 9_000 })).toBe(false);
        yield { documents: [], stock: products.map(({ id }) => inStock(`SKU-${id}`)) };
      })(),
    );
    expect((await idsOf(lamps)).slice(0, 3)).toEqual(["lamp-gone", "lamp-old", "chair"]);
    await opened.reopen();
    expect((await idsOf(lamps)).slice(0, 3)).toEqual(["lamp-gone", "lamp-old", "chair"]);
  });

  test("products are suggested by popularity", async () => {
    expect((await opened.engine.suggest("lam", 2)).productIds).toEqual(["lamp-gone", "lamp-old"]);
  });

  test("the kinds of products are their brands and own categories; an unknown product has none", async () => {
    const kinds = await opened.engine.kindsOf(["lamp-old", "chair-b", "nothing"]);
    expect(Object.fromEntries(kinds)).toEqual({
      "lamp-old": { brand: "aurum", category: "lamps" },
      "chair-b": { brand: "ferrum", category: "chairs" },
    });
  });

  describe("personal ranking", () => {
    test("of equally good matches, what the customer likes comes first", async () => {
      const preferences = { brands: { ferrum: 1 }, categories: { chairs: 0.5 } };
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
  });
});
