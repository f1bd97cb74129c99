import { eventually, guest } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCatalogShop, record, usd } from "./fixtures.ts";

let it: Awaited<ReturnType<typeof openCatalogShop>>;
beforeAll(async () => void (it = await openCatalogShop()));
afterAll(() => it.close());

const page = `
  id slug title description brand status inStock createdAt updatedAt
  attributes { name value } images { url alt }
  category { slug name ancestors { name } parent { name } }
  priceRange { min { amount currency } max { amount } }
  rating { average count histogram }
  variants { id sku title price { amount currency } compareAtPrice { amount } image { url } product { id } }`;

test("an imported product is shown as it was written, in prices of both its currencies", async () => {
  const id = await it.importOne("p1");
  const { data, errors } = await it.shop.graphql(`{ product(slug: "product-p1-p1") { ${page}
    euros: priceRange(currency: EUR) { min { amount } max { amount } } } }`);
  // One variant has no price in EUR: the range is of those that have.
  expect(errors).toBeUndefined();
  expect(data?.["product"]).toMatchObject({
    id,
    status: "PUBLISHED",
    inStock: false,
    category: {
      name: "Pots",
      ancestors: [{ name: "Home" }, { name: "Kitchen" }],
      parent: { name: "Kitchen" },
    },
    priceRange: { min: usd("19.99"), max: { amount: "29.99" } },
    euros: { min: { amount: "17.50" }, max: { amount: "17.50" } },
    rating: { average: null, count: 0, histogram: [0, 0, 0, 0, 0] },
    variants: [
      {
        sku: "SKU-p1",
        title: "Product p1",
        price: usd("19.99"),
        compareAtPrice: { amount: "24.99" },
        product: { id },
      },
      { sku: "SKU-p1-L", title: "Large", compareAtPrice: null },
    ],
  });
  const { data: none, errors: coded } = await it.shop.graphql(
    `{ variant(sku: "SKU-p1") { id price(currency: JPY) { amount } compareAtPrice(currency: JPY) { amount }
      product { title priceRange(currency: JPY) { min { amount } }
        variants { sku price(currency: EUR) { amount } } } } }`,
  );
  expect(coded).toBeUndefined();
  expect(none?.["variant"]).toMatchObject({
    price: null,
    compareAtPrice: null,
    product: {
      title: "Product p1",
      priceRange: null,
      variants: [
        { sku: "SKU-p1", price: { amount: "17.50" } },
        { sku: "SKU-p1-L", price: null },
      ],
    },
  });
});

test("a product page costs two statements, and a page of references no more than one product's", async () => {
  const ids: string[] = [];
  for (const id of ["q1", "q2", "q3", "q4"])
    ids.push(await it.importOne(id, { categoryPath: ["Query", `Shelf ${id}`] }));
  it.statements.length = 0;
  await it.shop.graphql(`{ product(slug: "product-q1-q1") { ${page} } }`);
  expect(it.statements.length).toBeLessThanOrEqual(3);

  const references = ids.map((id) => ({ __typename: "Product", id }));
  const entities = `query ($references: [_Any!]!) { _entities(representations: $references) { ... on Product { ${page} } } }`;
  it.statements.length = 0;
  const { data } = await it.shop.graphql(entities, { references });
  expect(data?.["_entities"]).toHaveLength(4);
  expect(it.statements.length).toBeLessThanOrEqual(3);
});

test("the prices to strike through span the variants that are reduced in the currency", async () => {
  await it.importOne("range", {
    variants: [
      { sku: "R-1", price: usd("10.00"), attributes: [{ name: "Size", value: "S" }] },
      ...[
        ["R-2", "15.00", "M"],
        ["R-3", "12.50", "L"],
        ["R-4", "13.00", "XL"],
      ].map(([sku = "", amount = "", value]) => ({
        ...{ sku, price: usd("9.00"), compareAtPrice: usd(amount) },
        ...{ attributes: [{ name: "Size", value }], prices: [{ amount: "8.00", currency: "EUR" }] },
      })),
    ],
  });
  const { data, errors } = await it.shop.graphql(`{ product(slug: "product-range-range") {
    compareAtPriceRange { min { amount currency } max { amount currency } }
    euros: compareAtPriceRange(currency: EUR) { min { amount } } } }`);
  expect(errors).toBeUndefined();
  expect(data?.["product"]).toEqual({
    compareAtPriceRange: { min: usd("12.50"), max: usd("15.00") },
    euros: null,
  });
});

test("products by ids and variants by SKUs come in the order asked for, in a statement each", async () => {
  const [one, two] = [await it.importOne("ids-1"), await it.importOne("ids-2")];
  const draft = await it.importOne("ids-3", { publish: false });
  it.statements.length = 0;
  const { data, errors } = await it.shop.graphql(
    `query ($ids: [ID!]!, $skus: [String!]!) { products(ids: $ids) { id title category { name } } variants(skus: $skus) { sku product { id } } }`,
    {
      ids: [two, "prd_none", one, draft, two],
      skus: ["SKU-ids-2-L", "none", "sku-ids-1", "SKU-ids-3", "SKU-ids-2"],
    },
  );
  expect(errors).toBeUndefined();
  const second = { id: two, title: "Product ids-2", category: { name: "Pots" } };
  expect(data?.["products"]).toEqual([
    second,
    null,
    { ...second, id: one, title: "Product ids-1" },
    null,
    second,
  ]);
  expect(data?.["variants"]).toEqual([
    { sku: "SKU-ids-2-L", product: { id: two } },
    null,
    { sku: "SKU-ids-1", product: { id: one } },
    null,
    { sku: "SKU-ids-2", product: { id: two } },
  ]);
  // Products, variants, and the products' categories.
  expect(it.statements.length).toBeLessThanOrEqual(3);
});

test.each([0, 101])("a list of %i ids or SKUs is refused with the bound", async (length) => {
  const keys = Array.from({ length }, (_, at) => `k${at}`);
  for (const [field, name, type] of [
    ["products", "ids", "ID"],
    ["variants", "skus", "String"],
  ]) {
    const { errors } = await it.shop.graphql(
      `query ($keys: [${type}!]!) { ${field}(${name}: $keys) { id } }`,
      { keys },
    );
    expect(errors?.[0]).toMatchObject({
      message: `"${name}" must have 1 to 100 entries, got ${length}`,
      extensions: { code: "BAD_USER_INPUT" },
    });
  }
});

test("a tree of categories with a page of products each costs a statement a level, not one a category", async () => {
  for (let at = 0; at < 6; at++) await it.importOne(`tree-${at}`, { categoryPath: ["Forest", `Tree ${at}`] });
  it.statements.length = 0;
  const { data } = await it.shop.graphql(`{ category(slug: "forest") { children { name
    products(first: 5) { totalCount nodes { id title category { name ancestors { name } } } } } } }`);
  expect(data?.["category"].children).toHaveLength(6);
  expect(data?.["category"].children[5]).toMatchObject({
    name: "Tree 5",
    products: { totalCount: 1, nodes: [{ title: "Product tree-5", category: { name: "Tree 5" } }] },
  });
  // The category, its children, their pages, the pages' products and counts, those products' categories and ancestors.
  expect(it.statements.length).toBeLessThanOrEqual(7);
});

test("a category's page holds what is below it too, newest first", async () => {
  for (let at = 0; at < 3; at++) await it.importOne(`leaf-${at}`, { categoryPath: ["Wood", `Bough ${at}`] });
  const { data } = await it.shop.graphql(`{ category(slug: "wood") {
    products(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { title } } } }`);
  expect(data?.["category"].products).toMatchObject({
    totalCount: 3,
    pageInfo: { hasNextPage: true, endCursor: expect.any(String) as string },
    nodes: [{ title: "Product leaf-2" }, { title: "Product leaf-1" }],
  });
});

test("a category's pages follow one another without gaps or doubles", async () => {
  await it.importAll(Array.from({ length: 7 }, (_, at) => record(`page-${at}`, { categoryPath: ["Paged"] })));
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { data } = await it.shop.graphql(
      `query ($after: String) { category(slug: "paged") { products(first: 3, after: $after) {
        nodes { title } pageInfo { hasNextPage endCursor } } } }`,
      { after },
    );
    const page = data?.["category"].products;
    const { nodes, pageInfo } = page;
    seen.push(...nodes.map((it: { title: string }) => it.title));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after);
  expect(seen.toSorted()).toEqual(Array.from({ length: 7 }, (_, at) => `Product page-${at}`));
  const { errors } = await it.shop.graphql(
    `{ category(slug: "paged") { products(first: 101) { totalCount } } }`,
  );
  expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
});

test("a product is in stock as long as inventory says so, whatever the order of its words", async () => {
  const id = await it.importOne("stocked");
  const isInStock = async () =>
    (await it.shop.graphql(`query ($id: ID!) { product(id: $id) { inStock } }`, { id })).data?.["product"]
      .inStock;
  const say = (available: number, version: number) =>
    it.shop.publish({
      type: "StockChanged",
      aggregate: { id: "SKU-stocked", version },
      data: { sku: "SKU-stocked", variantId: "var_x", productId: id, available, version },
    });
  expect(await isInStock()).toBe(false);
  await say(5, 2);
  await eventually(isInStock);
  await say(0, 4);
  await say(9, 3);
  await eventually(async () => !(await isInStock()));
  await say(1, 5);
  await eventually(isInStock);
});

test("a page of the whole catalogue fits in one message, however much each product says", async () => {
  const attributes = Array.from({ length: 30 }, (_, at) => ({ name: `n${at}`, value: "x".repeat(9_000) }));
  await it.importAll(Array.from({ length: 8 }, (_, at) => record(`wordy-${at}`, { attributes })));
  const reply = await it.shop.kit.bus.request("catalog.products", { limit: 200 }, guest);
  expect(reply.isLast).toBe(false);
  expect(reply.products.length).toBeGreaterThan(0);
});

test("a service that builds a copy of the catalogue gets every published product, page by page", async () => {
  const { bus } = it.shop.kit;
  const ids: string[] = [];
  let after: string | undefined;
  for (let isLast = false; !isLast;) {
    const reply = await bus.request("catalog.products", { limit: 50, ...(after ? { after } : {}) }, guest);
    ids.push(...reply.products.map((it) => it.productId));
    after = ids.at(-1);
    isLast = reply.isLast;
  }
  const [row] = await it.shop.kit.pg.sql<
    { n: number }[]
  >`select count(*)::int as n from products where published_at is not null`;
  expect(new Set(ids).size).toBe(row?.n);
});
