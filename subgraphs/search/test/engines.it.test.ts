import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Language } from "../src/analysis/language.ts";
import { openElasticEngine } from "../src/elasticsearch/elastic-engine.ts";
import { openEmbeddedEngine } from "../src/embedded/embedded-engine.ts";
import type { Facet, IndexDocument, SearchEngine, SearchRequest } from "../src/engine.ts";
import { aDocument, aRequest } from "./products.ts";

const spoken: [Language, ...Language[]] = ["en", "de", "fr", "es"];
const elasticsearch = process.env["ELASTICSEARCH_URL"];

const prefixOf = (folder: string) => basename(folder).toLowerCase();

type Open = (folder: string) => Promise<SearchEngine>;
const engines: Record<string, Open> = {
  embedded: (folder) => openEmbeddedEngine({ folder, spoken }),
  ...(elasticsearch && {
    elasticsearch: async (folder: string) =>
      openElasticEngine({
        url: elasticsearch,
        prefix: prefixOf(folder),
        spoken,
        ownCurrency: "USD",
      }),
  }),
};

test.skipIf(!elasticsearch)("Elasticsearch is judged too: ELASTICSEARCH_URL names one", () => undefined);

describe.each(Object.entries(engines))("%s", (name, open) => {
  let folder: string;
  let engine: SearchEngine;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "shop-search-"));
    engine = await open(folder);
    await engine.write(
      catalogue,
      catalogue.flatMap(({ id, skus }) => skus.map((sku) => inStock(sku, id))),
    );
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
    if (name === "elasticsearch") await fetch(`${elasticsearch}/${prefixOf(folder)}-*`, { method: "DELETE" });
  });

  const find = (given: Partial<SearchRequest>) => engine.search(aRequest(given));
  const idsOf = async (given: Partial<SearchRequest>) => (await find(given)).hits.map(({ id }) => id);

  describe("a query", () => {
    test("finds by words of title, brand, category, attributes and description", async () => {
      expect((await idsOf({ query: "trail shoes" }))[0]).toBe("shoe-trail");
      expect(await idsOf({ query: "norrvik" })).toContain("tent");
      expect(await idsOf({ query: "footwear" })).toEqual(expect.arrayContaining(["shoe-trail", "shoe-road"]));
      expect(await idsOf({ query: "turquoise" })).toEqual(["tent"]);
      expect(await idsOf({ query: "downpours" })).toEqual(["tent"]);
    });

    test("finds a product by its SKU, however it is written, and by its EAN", async () => {
      expect((await idsOf({ query: "NV-200/T" }))[0]).toBe("tent");
      expect((await idsOf({ query: "nv200t" }))[0]).toBe("tent");
      expect((await idsOf({ query: "4006381333931" }))[0]).toBe("tent");
    });

    test("finds plurals, and other forms in the product's own language", async () => {
      expect(await idsOf({ query: "tents" })).toEqual(["tent"]);
      expect(await idsOf({ query: "Schuhe" })).toEqual(["schuh"]);
      expect(await idsOf({ query: "chaussure" })).toEqual(["chaussures"]);
      expect(await idsOf({ query: "zapato" })).toEqual(["zapatos"]);
    });

    test("forgives a slip in words of four letters and more, and says what was meant", async () => {
      const found = await find({ query: "tral shoes" });
      expect(found.hits[0]?.id).toBe("shoe-trail");
      expect(found.didYouMean).toBe("trail shoes");
      expect((await find({ query: "trail shoes" })).didYouMean).toBeNull();
    });

    test("finds joined words apart, and parted words joined", async () => {
      expect((await idsOf({ query: "trailshoes" }))[0]).toBe("shoe-trail");
      expect((await idsOf({ query: "rain coat" }))[0]).toBe("raincoat");
      expect((await idsOf({ query: "t shirt" }))[0]).toBe("t-shirt");
      expect((await idsOf({ query: "tshirt" }))[0]).toBe("t-shirt");
    });

    test("finds by synonyms", async () => {
      expect(await idsOf({ query: "closet" })).toEqual(["wardrobe"]);
    });

    test("puts what has all words before what has some", async () => {
      const ids = await idsOf({ query: "road shoes" });
      expect(ids[0]).toBe("shoe-road");
      expect(ids).toContain("shoe-trail");
    });

    test("marks its words in the title, and nothing else becomes markup", async () => {
      const [hit] = (await find({ query: "rack" })).hits;
      expect(hit?.highlight).toBe("<em>Rack</em> &lt;b&gt; &amp; shelf");
    });

    test.each([
      ["operators", 'AND OR NOT NEAR(" * : ^ { } title: -foo'],
      ["quotes and brackets", "\"tent' ((( ]]] \u201cx\u201d"],
      ["emoji", "🏕️ 👟"],
      ["right-to-left text", "حذاء الجري"],
      ["a lone surrogate", "tent \ud800"],
      ["ten thousand characters", "tent ".repeat(2_000)],
      ["a null character", "te\u0000nt"],
      ["text without blanks", "登山テント登山テント"],
    ])("of %s is answered", async (_, query) => {
      expect((await find({ query })).totalCount).toBeGreaterThanOrEqual(0);
      expect(await engine.suggest(query, 5)).toBeDefined();
    });
  });

  describe("filters", () => {
    test("take a category with all below it", async () => {
      expect((await idsOf({ filters: { categories: ["clothing"] } })).sort()).toEqual([
        "raincoat",
        "shoe-road",
        "shoe-trail",
        "t-shirt",
      ]);
      expect((await idsOf({ filters: { categories: ["footwear"] } })).sort()).toEqual([
        "shoe-road",
        "shoe-trail",
      ]);
      expect(await idsOf({ filters: { categories: ["no-such"] } })).toEqual([]);
    });

    test("take any of several brands, whatever their case", async () => {
      expect((await idsOf({ filters: { brands: ["norrvik", "Fleet"] } })).sort()).toEqual([
        "shoe-road",
        "shoe-trail",
        "tent",
      ]);
    });

    test("take prices in the asked currency", async () => {
      const inEuro = { currency: "EUR", priceMin: 5_000, priceMax: 20_000 };
      expect(await idsOf({ filters: inEuro })).toEqual(["tent"]);
      expect((await idsOf({ filters: { currency: "USD", priceMax: 5_999 } })).includes("shoe-road")).toBe(
        false,
      );
    });

    test("take attributes: any value of one, all of several", async () => {
      const size = { name: "Size", values: ["42", "43"] };
      expect((await idsOf({ filters: { attributes: [size] } })).sort()).toEqual(["shoe-road", "shoe-trail"]);
      const sole = { name: "sole", values: ["flat"] };
      expect(await idsOf({ filters: { attributes: [size, sole] } })).toEqual(["shoe-road"]);
    });

    test("take a least rating", async () => {
      expect(await idsOf({ filters: { ratingMin: 4 } })).toEqual(["tent"]);
    });
  });

  describe("facets", () => {
    const facetOf = (facets: Facet[], name: string) =>
      Object.fromEntries(
        facets.find((facet) => facet.name === name)?.values.map(({ value, count }) => [value, count]) ?? [],
      );

    test("count the matches by value, categories with all below them", async () => {
      const { facets } = await find({ query: "shoes", wantsFacets: true });
      expect(facetOf(facets, "category")).toMatchObject({ clothing: 2, footwear: 2 });
      expect(facetOf(facets, "brand")).toEqual({ Fleet: 2 });
      expect(facetOf(facets, "Size")).toEqual({ 42: 1, 43: 1 });
    });

    test("keep the other values of a facet in view when one is selected", async () => {
      const filters = { categories: ["clothing"], attributes: [{ name: "Size", values: ["42"] }] };
      const { facets, totalCount } = await find({ filters, wantsFacets: true });
      expect(totalCount).toBe(1);
      expect(facetOf(facets, "Size")).toEqual({ 42: 1, 43: 1 });
      expect(facetOf(facets, "category")).toMatchObject({ clothing: 1, footwear: 1 });
      const size = facets.find(({ name }) => name === "Size");
      expect(size?.values.map(({ value, selected }) => [value, selected])).toEqual([
        ["42", true],
        ["43", false],
      ]);
    });
  });

  describe("order and pages", () => {
    test("sort by price in the asked currency, unpriced last", async () => {
      const ids = await idsOf({ sort: "PRICE_DESC", filters: { currency: "EUR" } });
      expect(ids[0]).toBe("tent");
      expect(await idsOf({ sort: "PRICE_ASC", filters: { brands: ["Fleet"] } })).toEqual([
        "shoe-trail",
        "shoe-road",
      ]);
    });

    test("without a query all products come, newest first", async () => {
      const found = await find({});
      expect(found.totalCount).toBe(catalogue.length);
      expect(found.hits[0]?.id).toBe("tent");
    });

    test("pages reach the end of a large result without a gap or a double", async () => {
      const many = Array.from({ length: 450 }, (_, at) =>
        aDocument({ id: `peg-${at}`, title: `Peg number ${at}`, publishedAt: at % 7 }),
      );
      await engine.write(
        many,
        many.slice(0, 300).map(({ skus }) => inStock(skus[0] ?? "")),
      );
      const seen: string[] = [];
      let after: SearchRequest["after"];
      for (;;) {
        const page = await find({ query: "peg", size: 40, after });
        seen.push(...page.hits.map(({ id }) => id));
        after = page.hits.at(-1)?.place;
        if (!page.hasNextPage) break;
      }
      expect(seen).toHaveLength(450);
      expect(new Set(seen).size).toBe(450);
      const outOfStock = seen.slice(300).every((id) => Number(id.slice(4)) >= 300);
      expect(outOfStock).toBe(true);
    });

    test("a forged place is no fault", async () => {
      const after = { keys: [1e300, -1e300, 1e300], id: "nothing" };
      expect((await find({ query: "peg", after })).hits).toEqual([]);
    });
  });

  describe("changes", () => {
    test("an older version of a product or a stock never wins", async () => {
      await engine.write(
        [aDocument({ id: "v", version: 5, title: "Versioned lantern" })],
        [stock("SKU-v", 3, 5)],
      );
      await engine.write([aDocument({ id: "v", version: 4, title: "Stale candle" })], [stock("SKU-v", 0, 4)]);
      expect(await idsOf({ query: "stale candle" })).not.toContain("v");
      expect(await idsOf({ query: "lantern", filters: { inStock: true } })).toEqual(["v"]);
    });

    test("an archived product is gone, and a late event does not bring it back", async () => {
      await engine.write([aDocument({ id: "gone", title: "Vanishing cabinet" })], []);
      expect(await idsOf({ query: "vanishing" })).toEqual(["gone"]);
      await engine.write([aDocument({ id: "gone", version: 3, isLive: false })], []);
      await engine.write([aDocument({ id: "gone", version: 2, title: "Vanishing cabinet" })], []);
      expect(await idsOf({ query: "vanishing" })).toEqual([]);
    });

    test("stock that was heard of before its product counts", async () => {
      await engine.write([], [inStock("SKU-early")]);
      await engine.write([aDocument({ id: "early", title: "Early telescope" })], []);
      expect(await idsOf({ query: "telescope", filters: { inStock: true } })).toEqual(["early"]);
    });

    test("what is out of stock comes last", async () => {
      await engine.write(
        [
          aDocument({ id: "kite-1", title: "Kite" }),
          aDocument({ id: "kite-2", title: "Kite with a long tail" }),
        ],
        [stock("SKU-kite-1", 0, 1), inStock("SKU-kite-2")],
      );
      expect(await idsOf({ query: "kite" })).toEqual(["kite-2", "kite-1"]);
    });

    test("a changed product loses its old words and values", async () => {
      await engine.write(
        [aDocument({ id: "change", title: "Velvet stool", attributes: [{ name: "hue", value: "ochre" }] })],
        [],
      );
      await engine.write([aDocument({ id: "change", version: 2, title: "Linen stool", brand: "Loom" })], []);
      expect(await idsOf({ query: "velvet" })).toEqual([]);
      expect(await idsOf({ query: "linen" })).toEqual(["change"]);
      expect(await idsOf({ filters: { attributes: [{ name: "hue", values: ["ochre"] }] } })).toEqual([]);
    });
  });

  test("suggestions complete what is being typed", async () => {
    const suggested = await engine.suggest("trai", 5);
    expect(suggested.productIds).toEqual(["shoe-trail"]);
    expect(suggested.queries).toContain("trail");
    expect((await engine.suggest("footw", 5)).categoryIds).toEqual(["cat_footwear"]);
  });

  test("a rebuild takes in what is written meanwhile, and what is lost elsewhere is gone", async () => {
    await engine.rebuild(
      (async function* () {
        yield { documents: catalogue.slice(0, 2), stock: [] };
        await engine.write([aDocument({ id: "meanwhile", title: "Meanwhile mug" })], []);
        expect(await idsOf({ query: "peg", size: 1 })).toHaveLength(1);
        yield { documents: catalogue.slice(2), stock: [] };
      })(),
    );
    expect(await idsOf({ query: "meanwhile mug" })).toEqual(["meanwhile"]);
    expect(await engine.count()).toBe(catalogue.length + 1);
    expect(await idsOf({ query: "peg" })).toEqual([]);
    expect(await engine.isComplete()).toBe(true);
  });

  test("what was written is there after a restart, with its versions", async () => {
    await engine.write(
      [aDocument({ id: "kept", version: 7, title: "Durable anvil" })],
      [stock("SKU-kept", 4, 9)],
    );
    await engine[Symbol.asyncDispose]();
    engine = await open(folder);
    await engine.write(
      [aDocument({ id: "kept", version: 6, title: "Late feather" })],
      [stock("SKU-kept", 0, 8)],
    );
    expect(await idsOf({ query: "durable anvil", filters: { inStock: true } })).toEqual(["kept"]);
    expect(await engine.isComplete()).toBe(true);
  });
});

const stock = (sku: string, available: number, version: number, productId = sku.slice(4)) => ({
  sku,
  productId,
  available,
  version,
});
const inStock = (sku: string, productId?: string) => stock(sku, 9, 1, productId);

const clothing = { id: "cat_clothing", slug: "clothing", name: "Clothing" };
const footwear = [clothing, { id: "cat_footwear", slug: "footwear", name: "Footwear" }];

const catalogue: IndexDocument[] = [
  aDocument({
    id: "shoe-trail",
    title: "Fleet trail shoes",
    brand: "Fleet",
    categories: footwear,
    attributes: [
      { name: "Size", value: "42" },
      { name: "Sole", value: "grip" },
    ],
    prices: [
      ["USD", 5_000],
      ["EUR", 4_500],
    ],
  }),
  aDocument({
    id: "shoe-road",
    title: "Fleet road shoes",
    brand: "Fleet",
    categories: footwear,
    attributes: [
      { name: "Size", value: "43" },
      { name: "Sole", value: "flat" },
    ],
    prices: [["USD", 6_000]],
  }),
  aDocument({
    id: "tent",
    title: "Norrvik dome tent",
    brand: "Norrvik",
    description: "Keeps dry in the worst downpours",
    attributes: [{ name: "Colour", value: "Turquoise" }],
    ids: ["NV-200/T", "4006381333931"],
    prices: [
      ["USD", 19_900],
      ["EUR", 18_900],
    ],
    rating: 4.5,
    publishedAt: Date.UTC(2026, 5, 1),
  }),
  aDocument({ id: "raincoat", title: "Light raincoat", categories: [clothing] }),
  aDocument({ id: "t-shirt", title: "Plain T-Shirt", categories: [clothing] }),
  aDocument({ id: "wardrobe", title: "Oak wardrobe" }),
  aDocument({ id: "rack", title: "Rack <b> & shelf" }),
  aDocument({ id: "schuh", title: "Der Schuh für den Herbst" }),
  aDocument({ id: "chaussures", title: "Des chaussures pour la pluie" }),
  aDocument({ id: "zapatos", title: "Los zapatos de la abuela" }),
];
