import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProductSnapshot, StockState } from "@shop/events";
import { event } from "@shop/service";
import {
  eventually,
  neighbour,
  startTestService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import search from "../src/main.ts";

const searching = `query ($query: String, $filters: SearchFilters, $sort: SearchSort, $first: Int, $after: String) {
  search(query: $query, filters: $filters, sort: $sort, first: $first, after: $after) {
    totalCount didYouMean
    edges { cursor score highlight node { id } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    facets { name values { value label count selected } }
  }
}`;

let stores: TestStores;
let folder: string;
let service: TestService;
const catalog: ProductSnapshot[] = [];
const inventory: StockState[] = [];
const opened = new AsyncDisposableStack();

const start = () => startTestService(search, { stores, env: { SEARCH_DATA_FOLDER: join(folder, "index") } });

beforeAll(async () => {
  stores = opened.use(await testStores());
  folder = await mkdtemp(join(tmpdir(), "shop-search-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  opened.use(
    await neighbour(stores, "catalog", {
      "catalog.products": async ({ after, limit }) => {
        const rest = catalog.filter(({ productId }) => !after || productId > after);
        return { products: rest.slice(0, limit), isLast: rest.length <= limit };
      },
    }),
  );
  opened.use(
    await neighbour(stores, "inventory", {
      "inventory.stock": async ({ after, limit }) => {
        const rest = inventory.filter(({ sku }) => !after || sku > after);
        return { stock: rest.slice(0, limit), isLast: rest.length <= limit };
      },
    }),
  );
  service = await start();
});

afterAll(async () => {
  await service?.stop();
  await opened.disposeAsync();
});

async function find(variables: Record<string, unknown>) {
  const { data, errors } = await service.graphql(searching, variables);
  if (errors) throw new Error(errors[0]?.message);
  return data?.["search"];
}
const idsOf = async (variables: Record<string, unknown>): Promise<string[]> =>
  (await find(variables)).nodes.map(({ id }: { id: string }) => id);

const publishProduct = (
  type: "ProductPublished" | "ProductChanged" | "ProductArchived",
  product: ProductSnapshot,
) =>
  service.publish(
    event(type, { aggregateId: product.productId, version: product.version, data: { product } }),
  );
const publishStock = (state: StockState) =>
  service.publish(event("StockChanged", { aggregateId: state.sku, version: state.version, data: state }));

test("what is published is found, with its price, stock and category; what is archived is not", async () => {
  await publishProduct("ProductPublished", aProduct("kettle", { title: "Copper kettle" }));
  await publishStock(stockOf("kettle", 3, 1));
  await eventually(async () => (await idsOf({ query: "kettle", filters: { inStock: true } })).length === 1);
  const found = await find({
    query: "copper",
    filters: { category: ["kitchen"], priceMin: "10", priceMax: "20.00" },
  });
  expect(found).toMatchObject({
    totalCount: 1,
    didYouMean: null,
    edges: [{ node: { id: "prd_kettle" }, highlight: "<em>Copper</em> kettle" }],
    pageInfo: { hasNextPage: false, hasPreviousPage: false },
  });
  expect(found.facets).toContainEqual({
    name: "category",
    values: [
      { value: "home", label: "Home", count: 1, selected: false },
      { value: "kitchen", label: "Kitchen", count: 1, selected: true },
    ].sort((one, other) => one.value.localeCompare(other.value)),
  });
  await publishProduct("ProductArchived", aProduct("kettle", { version: 2, status: "ARCHIVED" }));
  await eventually(async () => (await idsOf({ query: "kettle" })).length === 0);
});

test("a changed price is filtered by from then on, and a late event does not bring the old one back", async () => {
  const priced = (version: number, amount: number) =>
    aProduct("lamp", { title: "Desk lamp", version }, amount);
  await publishProduct("ProductPublished", priced(1, 2_000));
  const late = await service.publish(priceChange(priced(2, 3_000)));
  await service.publish(priceChange(priced(3, 9_000)));
  await eventually(async () => (await idsOf({ query: "lamp", filters: { priceMin: "90.00" } })).length === 1);
  await service.republish(late);
  await publishProduct("ProductPublished", aProduct("marker", { title: "Marker of the end" }));
  await eventually(async () => (await idsOf({ query: "marker" })).length === 1);
  expect(await idsOf({ query: "lamp", filters: { priceMin: "90.00" } })).toEqual(["prd_lamp"]);
});

describe("a lost index", () => {
  test("is filled again from its owners, without a command", async () => {
    catalog.push(aProduct("atlas", { title: "World atlas" }));
    inventory.push(stockOf("atlas", 5, 1));
    await service.stop();
    await rm(join(folder, "index"), { recursive: true });
    service = await start();
    await eventually(async () => (await idsOf({ query: "atlas", filters: { inStock: true } })).length === 1);
  });

  test("is noticed while the service runs", async () => {
    await rm(join(folder, "index"), { recursive: true });
    catalog.push(aProduct("globe", { title: "Antique globe" }));
    await eventually(async () => (await idsOf({ query: "globe" })).length === 1);
    expect(await idsOf({ query: "atlas" })).toEqual(["prd_atlas"]);
  });
});

describe("bad input gets a coded answer", () => {
  test.each([
    ["a query of ten thousand characters", { query: "x".repeat(10_000) }],
    ["a page of 100000", { first: 100_000 }],
    ["a page of nothing", { first: 0 }],
    ["a cursor that no search gave", { after: "forged" }],
    ["a cursor of another list", { after: Buffer.from('["a",1]').toString("base64url") }],
    ["a price that is none", { filters: { priceMin: "cheap" } }],
    ["an unknown currency", { filters: { currency: "XXY" } }],
    ["too many values", { filters: { brand: Array.from({ length: 101 }, String) } }],
  ])("%s", async (_, variables) => {
    const { data, errors } = await service.graphql(searching, variables);
    expect(data?.["search"] ?? null).toBeNull();
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  });

  test.each([
    ["unknown values", { filters: { attributes: [{ name: "nope", values: ["x"] }], category: ["nope"] } }],
  ])("%s find nothing", async (_, variables) => {
    expect(await idsOf(variables)).toEqual([]);
  });
});

test("suggestions name queries, products and categories", async () => {
  const { data } = await service.graphql(
    `{ searchSuggestions(prefix: "kitch") { queries products { id } categories { id } } }`,
  );
  expect(data?.["searchSuggestions"].categories).toEqual([{ id: "cat_kitchen" }]);
});

test("a page goes on where its cursor stands", async () => {
  for (const number of [1, 2, 3]) {
    await publishProduct("ProductPublished", aProduct(`bowl-${number}`, { title: `Bowl ${number}` }));
  }
  await eventually(async () => (await idsOf({ query: "bowl" })).length === 3);
  const first = await find({ query: "bowl", first: 2 });
  const second = await find({ query: "bowl", first: 2, after: first.pageInfo.endCursor });
  expect(first.pageInfo.hasNextPage).toBe(true);
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  expect(new Set([...first.nodes, ...second.nodes].map(({ id }: { id: string }) => id)).size).toBe(3);
});

function aProduct(name: string, given: Partial<ProductSnapshot> = {}, amount = 1_999): ProductSnapshot {
  return {
    productId: `prd_${name}`,
    version: 1,
    status: "PUBLISHED",
    slug: name,
    title: name,
    description: "",
    brand: null,
    categoryPath: [
      { id: "cat_home", slug: "home", name: "Home" },
      { id: "cat_kitchen", slug: "kitchen", name: "Kitchen" },
    ],
    attributes: [],
    imageUrls: [],
    variants: [
      {
        variantId: `var_${name}`,
        sku: `SKU-${name}`,
        title: name,
        attributes: [],
        imageUrl: null,
        prices: [{ amount, currency: "USD" }],
        compareAtPrice: null,
        weightGrams: 0,
      },
    ],
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
    ...given,
  };
}

function stockOf(name: string, available: number, version: number): StockState {
  return { sku: `SKU-${name}`, variantId: `var_${name}`, productId: `prd_${name}`, available, version };
}

function priceChange(product: ProductSnapshot) {
  const now = product.variants[0]?.prices[0] ?? { amount: 0, currency: "USD" };
  const sku = product.variants[0]?.sku ?? "";
  return event("PriceChanged", {
    aggregateId: product.productId,
    version: product.version,
    data: { product, sku, was: now, now },
  });
}
