import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { event } from "@shop/service";
import { eventually, stubService, startTestService, testStores, type TestService } from "@shop/testkit";
import { encodeCursor } from "@shop/values";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeIndices } from "./remove-indices.ts";
import search from "../src/main.ts";
import { elasticsearch, engineNames } from "./engines.ts";
import { aProduct } from "./snapshots.ts";

const searching = `query ($query: String, $filters: SearchFilters, $sort: SearchSort, $first: Int, $after: String) {
  search(query: $query, filters: $filters, sort: $sort, first: $first, after: $after) {
    totalCount didYouMean nodes { id } edges { cursor highlight } facets { name values { value count selected } }
  }
}`;
const suggesting = `query ($prefix: String!, $first: Int) { searchSuggestions(prefix: $prefix, first: $first) { queries } }`;

const strangeTexts: [string, string][] = [
  ["operators", 'AND OR NOT NEAR(" * : ^ { } title: -foo ~2 +bar && || ! \\ /x/ [1 TO 5]'],
  ["unbalanced quotes and brackets", "\"pan' ((( ]]] {{ <b> \u201cx\u201d `"],
  ["regular expressions", "(a+)+$ .*.*.*.* [[[[ \\d{9999}"],
  ["emoji", "🍳 🥘👨‍👩‍👧‍👦 pan🍳"],
  ["right-to-left text", "مقلاة نحاسية \u202epan\u202c מחבת"],
  ["text without blanks", "銅のフライパン銅のフライパン"],
  ["a lone surrogate", "pan \ud800"],
  ["a null character", "pa\u0000n"],
  ["signs only", "!?…—–*%"],
  ["blanks only", " \t\n "],
  ["one long word", "x".repeat(500)],
  ["many words", "pan ".repeat(125)],
  ["many unknown words", Array.from({ length: 40 }, (_, at) => `qwxz${"abcdefgh"[at % 8]}vk`).join(" ")],
  ["combining marks", `pa${"\u0301".repeat(300)}n`],
  ["names of objects", "__proto__ constructor toString"],
];

describe.each(engineNames)("%s", (engine) => {
  const opened = new AsyncDisposableStack();
  let service: TestService;

  beforeAll(async () => {
    const stores = opened.use(await testStores());
    const folder = await mkdtemp(join(tmpdir(), "shop-search-"));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const none = { isLast: true };
    opened.use(
      await stubService(stores, "catalog", {
        "catalog.products": () => Promise.resolve({ products: [], ...none }),
      }),
    );
    opened.use(
      await stubService(stores, "inventory", {
        "inventory.stock": () => Promise.resolve({ stock: [], ...none }),
      }),
    );
    const prefix = `bad-${Date.now()}`;
    if (engine === "elasticsearch") opened.defer(() => removeIndices(elasticsearch ?? "", prefix));
    const env = {
      SEARCH_DATA_FOLDER: join(folder, "index"),
      ...(engine === "elasticsearch" && {
        SEARCH_ELASTICSEARCH_URL: elasticsearch ?? "",
        SEARCH_ELASTICSEARCH_PREFIX: prefix,
      }),
    };
    service = opened.use(await startTestService(search, { stores, env }));
    // Before that the new index is filled from its owners, who say here that there is nothing.
    await eventually(async () => (await fetch(`${service.url}/readyz`)).ok);
    for (const at of [1, 2, 3]) {
      const attributes = [{ name: "Size (cm) [.*]", value: `${at}+ "x" \\ {1}` }];
      const product = aProduct(`pan-${at}`, { title: `Copper pan ${at}`, brand: "A+B (C)", attributes });
      await service.publish(
        event("ProductPublished", { aggregateId: product.productId, version: 1, data: { product } }),
      );
    }
    await eventually(async () => (await answered({ query: "pan" })).totalCount === 3);
  });
  afterAll(() => opened.disposeAsync());

  async function answered(variables: Record<string, unknown>) {
    const { data, errors } = await service.graphql(searching, variables);
    expect(errors).toBeUndefined();
    return data?.["search"];
  }
  async function refused(query: string, variables: Record<string, unknown>): Promise<void> {
    const { errors } = await service.graphql(query, variables);
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  }

  test.each(strangeTexts)("a query of %s is answered, and so is a suggestion", async (_, text) => {
    const found = await answered({ query: text });
    expect(found.nodes).toHaveLength(found.totalCount);
    const { errors } = await service.graphql(suggesting, { prefix: text });
    expect(errors).toBeUndefined();
  });

  test.each(strangeTexts)("filters by %s find nothing", async (_, text) => {
    const odd = text.slice(0, 300);
    for (const filters of [
      { brand: [odd] },
      { category: [odd] },
      { attributes: [{ name: odd, values: [odd] }] },
      { attributes: [{ name: "Size (cm) [.*]", values: [odd] }] },
    ]) {
      expect(await answered({ query: "pan", filters })).toMatchObject({ totalCount: 0, nodes: [] });
    }
  });

  test("filters without values are none", async () => {
    const filters = { brand: [], category: [], attributes: [{ name: "Size (cm) [.*]", values: [] }] };
    expect((await answered({ query: "pan", filters })).totalCount).toBe(3);
  });

  test("values with signs of every language's patterns are facets that can be filtered by", async () => {
    const attributes = [{ name: "size (CM) [.*]", values: ['2+ "x" \\ {1}'] }];
    const found = await answered({ query: "pan", filters: { attributes, brand: ["a+b (c)"] } });
    expect(found.nodes).toEqual([{ id: "prd_pan-2" }]);
    const facet = found.facets.find(({ name }: { name: string }) => name === "Size (cm) [.*]");
    expect(facet?.values).toHaveLength(3);
  });

  test.each<[string, Record<string, unknown>]>([
    ["a query of ten thousand characters", { query: "x".repeat(10_000) }],
    ["a page of 100000", { first: 100_000 }],
    ["a page of nothing", { first: 0 }],
    ["a page of less than nothing", { first: -5 }],
    ["a cursor that no search gave", { after: "forged" }],
    ["a cursor of another list", { after: encodeCursor(["a", 1]) }],
    [
      "a cursor of a number out of bounds",
      { after: Buffer.from('["RELEVANCE",0,0,1e300,"x"]').toString("base64url") },
    ],
    ["a cursor of another sort", { sort: "NEWEST", after: encodeCursor(["RELEVANCE", 0, 0, 0, "x"]) }],
    ["a cursor of an earlier release", { after: encodeCursor([0, 0, 0, "x", "RELEVANCE"]) }],
    ["a cursor of ten thousand characters", { after: "A".repeat(10_000) }],
    ["a price that is none", { filters: { priceMin: "cheap" } }],
    ["a price beyond all numbers", { filters: { priceMax: "9".repeat(40) } }],
    ["an unknown currency", { filters: { currency: "XXY" } }],
    ["an unknown sort", { sort: "BY_MAGIC" }],
    ["an unknown filter", { filters: { colour: ["red"] } }],
    ["too many values", { filters: { brand: Array.from({ length: 101 }, String) } }],
    ["a value of a thousand characters", { filters: { category: ["x".repeat(1_000)] } }],
    [
      "too many attributes",
      { filters: { attributes: Array.from({ length: 21 }, () => ({ name: "x", values: ["y"] })) } },
    ],
  ])("%s is refused in words", async (_, variables) => {
    await refused(searching, variables);
  });

  test.each<[string, Record<string, unknown>]>([
    ["a prefix of ten thousand characters", { prefix: "x".repeat(10_000) }],
    ["100000 suggestions", { prefix: "pan", first: 100_000 }],
  ])("%s is refused in words", async (_, variables) => {
    await refused(suggesting, variables);
  });

  test.each<[string, unknown[]]>([
    ["of a place far behind the end", [3, 1, 2 ** 52, "zzz"]],
    ["of a section that isn't there", [99, 0, 0, "x"]],
    ["of a place before the beginning", [-7, -1, -(2 ** 52), ""]],
    ["of fractions", [0.5, 0.5, 0.123456789, "prd_pan-1"]],
    ["of a product that has left", [0, 0, -0.9, "prd_gone"]],
  ])("a forged or stale cursor %s is answered, by every sort", async (_, parts) => {
    for (const sort of ["RELEVANCE", "PRICE_ASC", "PRICE_DESC", "RATING", "NEWEST"]) {
      const after = encodeCursor([sort, ...(parts as (string | number)[])]);
      for (const query of ["pan", ""]) {
        expect((await answered({ query, sort, after })).nodes.length).toBeLessThanOrEqual(3);
      }
    }
  });

  test.each<[string, Record<string, unknown>]>([
    ["a rating beyond five", { ratingMin: 1e300 }],
    ["a least price above the highest", { priceMin: "20", priceMax: "10" }],
    ["a currency that nothing has a price in", { currency: "JPY", priceMin: "0" }],
  ])("%s finds nothing", async (_, filters) => {
    expect(await answered({ query: "pan", filters })).toMatchObject({ totalCount: 0 });
  });
});
