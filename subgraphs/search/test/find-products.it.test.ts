import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Facet, SearchRequest } from "../src/engine/engine.ts";
import { anEngine, elasticsearch, engineNames } from "./engines.ts";
import { aDocument, aRequest, catalogue, inStock } from "./products.ts";

test.skipIf(!elasticsearch)("Elasticsearch is held to it too: ELASTICSEARCH_URL names one", () => undefined);

describe.each(engineNames)("%s", (name) => {
  let opened: Awaited<ReturnType<typeof anEngine>>;

  beforeAll(async () => {
    opened = await anEngine(name);
    await opened.engine.write(
      catalogue,
      catalogue.flatMap(({ id, skus }) => skus.map((sku) => inStock(sku, id))),
    );
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  const find = (given: Partial<SearchRequest>) => opened.engine.search(aRequest(given));
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

    test("that is a product's whole short SKU finds it first, however many have the number", async () => {
      const packs = Array.from({ length: 210 }, (_, at) =>
        aDocument({ id: `pack-${at}`, title: `Pack 7 of 7 size 7`, ids: ["7-7/77"], skus: [`7-7/${at}`] }),
      );
      const pan = aDocument({ id: "pan", title: "Pan", ids: ["7"], skus: ["7"] });
      await using own = await anEngine(name);
      await own.engine.write(
        [...packs, pan],
        [inStock("7", "pan"), ...packs.map(({ id, skus: [sku = ""] }) => inStock(sku, id))],
      );
      expect((await own.engine.search(aRequest({ query: "7" }))).hits[0]?.id).toBe("pan");
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

    test.each([
      ["iphon", "phone-case", "iphone"],
      ["samsng galxy", "phone", "samsung galaxy"],
      ["tnet", "tent", "tent"],
      ["rianccoat", "raincoat", "raincoat"],
    ])("of %s finds the %s", async (query, id, meant) => {
      const found = await find({ query });
      expect(found.hits[0]?.id).toBe(id);
      expect(found.didYouMean).toBe(meant);
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
      const { totalCount, hits } = await find({ query });
      expect(hits).toHaveLength(Math.min(20, totalCount));
      expect(await opened.engine.suggest(query, 5)).toBeDefined();
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

    test("leave out what has no price in the asked currency, from results and counts alike", async () => {
      const filters = { currency: "EUR", isPriced: true };
      const priced = catalogue.filter(({ prices }) => prices.some(([currency]) => currency === "EUR"));
      const found = await find({ filters, wantsFacets: true, size: 100 });
      expect(found.hits.map(({ id }) => id).toSorted()).toEqual(priced.map(({ id }) => id).toSorted());
      expect(found.totalCount).toBe(priced.length);
      const stock = found.facets.find(({ name }) => name === "inStock")?.values ?? [];
      expect(stock.reduce((sum, { count }) => sum + count, 0)).toBe(priced.length);
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

    test("are choices, no free text", async () => {
      const novels = ["plain", "x".repeat(61)].flatMap((value, kind) =>
        [0, 1, 2].map((at) =>
          aDocument({
            id: `novel-${kind}-${at}`,
            title: "Novel",
            attributes: [
              { name: "Blurb", value },
              { name: "Cover", value: `cover ${kind}` },
            ],
          }),
        ),
      );
      await using own = await anEngine(name);
      await own.engine.write(novels, []);
      const { facets } = await own.engine.search(aRequest({ query: "novel", wantsFacets: true }));
      expect(facets.map((facet) => facet.name)).toContain("Cover");
      expect(facets.map((facet) => facet.name)).not.toContain("Blurb");
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
      await opened.engine.write(
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
      const after = { tier: 1e300, key: -1e300, version: 1e300, id: "nothing" };
      expect((await find({ query: "peg", after })).hits).toEqual([]);
    });
  });

  test("suggestions complete what is being typed", async () => {
    const suggested = await opened.engine.suggest("trai", 5);
    expect(suggested.productIds).toEqual(["shoe-trail"]);
    expect(suggested.queries).toContain("trail");
    expect((await opened.engine.suggest("footw", 5)).categoryIds).toEqual(["cat_footwear"]);
  });

  test("suggestions join only words that some product has both of", async () => {
    expect((await opened.engine.suggest("fleet tra", 5)).queries).toEqual(["fleet trail"]);
    expect((await opened.engine.suggest("norrvik tra", 5)).queries).toEqual([]);
  });

  test.each(["trail for", "trail!", "trail ("])(
    "suggestions after %s offer no words stuck together",
    async (prefix) => {
      expect((await opened.engine.suggest(prefix, 5)).queries).toEqual([]);
    },
  );
});
