import { productSnapshot } from "@shop/events";
import type { Identity, ServiceDefinition } from "@shop/service";
import {
  customer,
  eventually,
  guest,
  staff,
  startTestService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import catalog from "../src/main.ts";

let stores: TestStores;
let shop: TestService;
let statements: string[] = [];

// Counts what catalog's own readers send; the kit's relay and workers are not among it.
const counted = {
  ...catalog,
  start: (kit: Parameters<typeof catalog.start>[0]) => {
    const sql = new Proxy(kit.pg.sql, {
      apply(target, self, args: [TemplateStringsArray, ...unknown[]]) {
        if (/^\s*(select|with|insert|update)/.test(args[0][0] ?? "")) statements.push(args[0].join("?"));
        return Reflect.apply(target, self, args);
      },
    });
    const pg = { ...kit.pg, sql };
    return catalog.start(Object.create(kit, { pg: { value: pg } }) as typeof kit);
  },
} as ServiceDefinition;

beforeAll(async () => {
  stores = await testStores();
  shop = await startTestService(counted, { stores });
});
afterAll(async () => {
  await shop?.stop();
  await stores?.[Symbol.asyncDispose]();
});

const moderator: Identity = { kind: "user", userId: "usr_mod", roles: ["MODERATOR"] };
const usd = (amount: string) => ({ amount, currency: "USD" });
const payload = "product { id slug status title } userErrors { code message field }";

const record = (id: string, over: object = {}) => ({
  externalId: id,
  title: `Product ${id}`,
  description: "Made for tests",
  brand: "Acme",
  categoryPath: ["Home", "Kitchen", "Pots"],
  attributes: [{ name: "Colour", value: "red" }],
  imageUrls: [`https://images.shop.test/${id}.jpg`],
  variants: [
    {
      sku: `SKU-${id}`,
      price: usd("19.99"),
      compareAtPrice: usd("24.99"),
      prices: [{ amount: "17.50", currency: "EUR" }],
      weightGrams: 1200,
    },
    { sku: `SKU-${id}-L`, title: "Large", price: usd("29.99") },
  ],
  ...over,
});

async function importAll(records: object[]) {
  const { data, errors } = await shop.graphql(
    `mutation ($input: ProductsImportInput!) { productsImport(input: $input) {
      results { index productId outcome userErrors { code field } } userErrors { code field } } }`,
    { input: { records } },
    staff,
  );
  expect(errors).toBeUndefined();
  return data?.["productsImport"] as {
    results: {
      index: number;
      productId: string;
      outcome: string;
      userErrors: { code: string; field: string[] }[];
    }[];
    userErrors: { code: string }[];
  };
}

async function importOne(id: string, over: object = {}): Promise<string> {
  const { results } = await importAll([record(id, over)]);
  expect(results[0]?.userErrors).toEqual([]);
  return results[0]?.productId ?? "";
}

const page = `
  id slug title description brand status inStock createdAt updatedAt
  attributes { name value } images { url alt }
  category { slug name ancestors { name } parent { name } }
  priceRange { min { amount currency } max { amount } }
  rating { average count histogram }
  variants { id sku title price { amount currency } compareAtPrice { amount } image { url } product { id } }`;

test("an imported product is shown as it was written, in prices of both its currencies", async () => {
  const id = await importOne("p1");
  const { data, errors } = await shop.graphql(`{ product(slug: "product-p1-p1") { ${page}
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
  const { data: none, errors: coded } = await shop.graphql(
    `{ variant(sku: "SKU-p1") { id price(currency: JPY) { amount } } }`,
  );
  expect(none?.["variant"]).toBeNull();
  expect(coded?.[0]?.extensions?.["code"]).toBe("CURRENCY_NOT_SUPPORTED");
});

test("a product page costs two statements, and a page of references no more than one product's", async () => {
  const ids: string[] = [];
  for (const id of ["q1", "q2", "q3", "q4"])
    ids.push(await importOne(id, { categoryPath: ["Query", `Shelf ${id}`] }));
  statements = [];
  await shop.graphql(`{ product(slug: "product-q1-q1") { ${page} } }`);
  expect(statements.length).toBeLessThanOrEqual(3);

  const references = ids.map((id) => ({ __typename: "Product", id }));
  const entities = `query ($references: [_Any!]!) { _entities(representations: $references) { ... on Product { ${page} } } }`;
  statements = [];
  const { data } = await shop.graphql(entities, { references });
  expect(data?.["_entities"]).toHaveLength(4);
  expect(statements.length).toBeLessThanOrEqual(3);
});

test("a tree of categories with a page of products each costs a statement a level, not one a category", async () => {
  for (let at = 0; at < 6; at++) await importOne(`tree-${at}`, { categoryPath: ["Forest", `Tree ${at}`] });
  await eventually(async () => {
    statements = [];
    const { data } = await shop.graphql(`{ category(slug: "forest") {
      name children { name products(first: 5) { totalCount nodes { id title category { name ancestors { name } } } } }
      products(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { title } } } }`);
    expect(data?.["category"]).toMatchObject({
      products: { totalCount: 6, pageInfo: { hasNextPage: true }, nodes: [{ title: "Product tree-5" }, {}] },
    });
    expect(data?.["category"].children).toHaveLength(6);
    return true;
  });
  expect(statements.length).toBeLessThanOrEqual(9);
});

test("a category's pages follow one another without gaps or doubles", async () => {
  await importAll(Array.from({ length: 7 }, (_, at) => record(`page-${at}`, { categoryPath: ["Paged"] })));
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { data } = await shop.graphql(
      `query ($after: String) { category(slug: "paged") { products(first: 3, after: $after) {
        nodes { title } pageInfo { hasNextPage endCursor } } } }`,
      { after },
    );
    const { nodes, pageInfo } = data?.["category"].products;
    seen.push(...nodes.map((it: { title: string }) => it.title));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after);
  expect(seen.toSorted()).toEqual(Array.from({ length: 7 }, (_, at) => `Product page-${at}`));
  const { errors } = await shop.graphql(
    `{ category(slug: "paged") { products(first: 101) { totalCount } } }`,
  );
  expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
});

test("an import can be repeated: what is new is made, what changed is changed, what is equal is left alone", async () => {
  const first = await importAll([record("i1"), record("i2"), record("i3", { publish: false })]);
  expect(first.results.map((it) => it.outcome)).toEqual(["CREATED", "CREATED", "CREATED"]);
  const again = await importAll([record("i1"), record("i2", { title: "Renamed" }), record("i4")]);
  expect(again.results.map((it) => it.outcome)).toEqual(["UNCHANGED", "UPDATED", "CREATED"]);
  expect(again.results[1]?.productId).toBe(first.results[1]?.productId);
  const told = await shop.waitForEvent("ProductChanged", ({ data }) => data.product.title === "Renamed");
  expect(told.data.product).toMatchObject({ version: 2, slug: "product-i2-i2" });
  expect(told.data.product.categoryPath.map((it) => it.name)).toEqual(["Home", "Kitchen", "Pots"]);
  expect(shop.events("ProductPublished").map((it) => it.data.product.title)).not.toContain("Product i3");
});

test("a record that can't be taken stops no other", async () => {
  await importOne("taken");
  const { results } = await importAll([
    record("bad-1", { title: " " }),
    record("bad-2", { variants: [{ sku: "SKU-taken", price: usd("1") }] }),
    record("good"),
    record("good", { title: "Twice" }),
    record("bad-3", { variants: [{ sku: "SKU-good", price: usd("1") }] }),
    record("bad-4", { slug: "product-taken-taken" }),
    record("bad-5", { variants: [{ sku: "JPY", price: { amount: "100", currency: "JPY" } }] }),
  ]);
  expect(
    results.map((it) => [it.outcome, it.userErrors[0]?.code, it.userErrors[0]?.field.slice(3).join(".")]),
  ).toEqual([
    ["REJECTED", "INVALID_INPUT", "title"],
    ["REJECTED", "CONFLICT", "variants.0.sku"],
    ["CREATED", undefined, undefined],
    ["REJECTED", "CONFLICT", "externalId"],
    ["REJECTED", "CONFLICT", "variants.0.sku"],
    ["REJECTED", "CONFLICT", "slug"],
    ["REJECTED", "CURRENCY_NOT_SUPPORTED", "variants.0.price"],
  ]);
});

test("the same import from two at once makes no double", async () => {
  const records = Array.from({ length: 50 }, (_, at) =>
    record(`twin-${at}`, { categoryPath: ["Twins", `Pair ${at % 5}`] }),
  );
  const both = await Promise.all([importAll(records), importAll(records)]);
  const outcomes = both.flatMap(({ results }) => results.map((it) => it.outcome)).toSorted();
  expect(outcomes).toEqual([...Array<string>(50).fill("CREATED"), ...Array<string>(50).fill("UNCHANGED")]);
});

async function create(over: object = {}) {
  const { data } = await shop.graphql(
    `mutation ($input: ProductInput!) { productCreate(input: $input) { ${payload} } }`,
    {
      input: {
        title: "Kettle",
        description: "Boils",
        categorySlug: "pots",
        variants: [{ sku: "K", price: usd("30") }],
        ...over,
      },
    },
    staff,
  );
  return data?.["productCreate"];
}

const act = async (name: string, id: string, identity: Identity, more = "") =>
  (await shop.graphql(`mutation ($id: ID!) { ${name}(id: $id${more}) { ${payload} } }`, { id }, identity))
    .data?.[name];

test("a product is written, judged, put on sale and taken off again", async () => {
  await importOne("for-its-category");
  const { product } = await create();
  expect(product).toMatchObject({ status: "DRAFT", slug: "kettle" });
  const see = async (identity: Identity) =>
    (await shop.graphql(`query ($id: ID!) { product(id: $id) { status } }`, { id: product.id }, identity))
      .data?.["product"];
  expect(await see(guest)).toBeNull();
  expect(await see(customer())).toBeNull();
  expect(await see(moderator)).toEqual({ status: "DRAFT" });

  expect((await act("productSubmit", product.id, staff)).product.status).toBe("IN_REVIEW");
  const queue = await shop.graphql(`{ productsInReview { totalCount nodes { id } } }`, {}, moderator);
  expect(queue.data?.["productsInReview"]).toEqual({ totalCount: 1, nodes: [{ id: product.id }] });
  expect((await act("productReject", product.id, moderator, `, reason: "No picture"`)).product.status).toBe(
    "REJECTED",
  );
  await act("productSubmit", product.id, staff);
  expect((await act("productApprove", product.id, moderator)).product.status).toBe("PUBLISHED");
  expect(await see(guest)).toEqual({ status: "PUBLISHED" });
  const published = await shop.waitForEvent(
    "ProductPublished",
    ({ data }) => data.product.productId === product.id,
  );
  expect(productSnapshot.parse(published.data.product)).toMatchObject({ status: "PUBLISHED", version: 5 });

  expect((await act("productApprove", product.id, staff)).userErrors[0]).toMatchObject({
    code: "CONFLICT",
    field: ["id"],
  });
  expect((await act("productArchive", product.id, staff)).product.status).toBe("ARCHIVED");
  await shop.waitForEvent("ProductArchived", ({ data }) => data.product.productId === product.id);
  expect(await see(guest)).toEqual({ status: "ARCHIVED" });
});

test("an update keeps variants' ids, retires those left out, and refuses names that others have", async () => {
  await importOne("rival");
  const { product } = await create({
    title: "Pan",
    variants: [
      { sku: "PAN-S", price: usd("20") },
      { sku: "PAN-L", price: usd("30") },
    ],
  });
  const update = async (input: object) =>
    (
      await shop.graphql(
        `mutation ($id: ID!, $input: ProductInput!) { productUpdate(id: $id, input: $input) {
          product { title slug variants { id sku } } userErrors { code field } } }`,
        { id: product.id, input: { title: "Pan", description: "", categorySlug: "pots", ...input } },
        staff,
      )
    ).data?.["productUpdate"];
  const { product: before } = await update({
    variants: [
      { sku: "PAN-S", price: usd("20") },
      { sku: "PAN-L", price: usd("30") },
    ],
  });
  const { product: after } = await update({ title: "Wok", variants: [{ sku: "PAN-L", price: usd("31") }] });
  expect(after).toMatchObject({ title: "Wok", slug: "pan", variants: [before.variants[1]] });
  expect(
    await update({ slug: "product-rival-rival", variants: [{ sku: "SKU-rival", price: usd("1") }] }),
  ).toMatchObject({
    product: null,
    userErrors: [
      { code: "CONFLICT", field: ["input", "slug"] },
      { code: "CONFLICT", field: ["input", "variants", "0", "sku"] },
    ],
  });
  expect(
    (await create({ title: "Lid", categorySlug: "nowhere", variants: [{ sku: "LID", price: usd("1") }] }))
      .userErrors,
  ).toMatchObject([{ code: "NOT_FOUND", field: ["input", "categorySlug"] }]);
});

test("a price set twice under one key is set once, and another price under that key is refused", async () => {
  const id = await importOne("priced");
  const set = async (amount: string, idempotencyKey: string) =>
    (
      await shop.graphql(
        `mutation ($price: MoneyInput!, $key: String) { variantPriceSet(sku: "SKU-priced", price: $price, idempotencyKey: $key) {
          variant { price { amount } compareAtPrice { amount } product { priceRange { min { amount } } } } userErrors { code field } } }`,
        { price: usd(amount), key: idempotencyKey },
        staff,
      )
    ).data?.["variantPriceSet"];
  const shown = { variant: { price: { amount: "15.00" }, compareAtPrice: null }, userErrors: [] };
  expect(await Promise.all([set("15", "k1"), set("15", "k1")])).toMatchObject([shown, shown]);
  expect((await set("16", "k1")).userErrors[0].code).toBe("IDEMPOTENCY_KEY_REUSED");
  expect((await set("-1", "k2")).userErrors[0]).toMatchObject({ code: "INVALID_INPUT", field: ["price"] });
  const told = await shop.waitForEvent("PriceChanged", ({ data }) => data.product.productId === id);
  expect(told.data).toMatchObject({
    sku: "SKU-priced",
    was: { amount: 1999 },
    now: { amount: 1500 },
    product: { version: 2 },
  });
  expect(shop.events("PriceChanged").filter(({ data }) => data.product.productId === id)).toHaveLength(1);
});

test("a product is in stock as long as inventory says so, whatever the order of its words", async () => {
  const id = await importOne("stocked");
  const isInStock = async () =>
    (await shop.graphql(`query ($id: ID!) { product(id: $id) { inStock } }`, { id })).data?.["product"]
      .inStock;
  const say = (available: number, version: number) =>
    shop.publish({
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

test("only staff write products, only staff and moderators judge them", async () => {
  for (const identity of [guest, customer(), moderator]) {
    const { errors } = await shop.graphql(
      `mutation { productsImport(input: { records: [] }) { results { index } } }`,
      {},
      identity,
    );
    expect(errors?.[0]?.extensions?.["code"]).toBe(identity === guest ? "UNAUTHENTICATED" : "FORBIDDEN");
  }
  const { errors } = await shop.graphql(
    `mutation { productApprove(id: "x") { userErrors { code } } }`,
    {},
    customer(),
  );
  expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
  const { data } = await shop.graphql(`{ productsInReview { totalCount } }`, {}, customer());
  expect(data?.["productsInReview"]).toBeNull();
  expect(
    (await importAll(Array.from({ length: 501 }, (_, at) => record(`much-${at}`)))).userErrors[0]?.code,
  ).toBe("INVALID_INPUT");
});

test("whoever builds a copy of the catalogue gets every published product, page by page", async () => {
  const { bus } = shop.kit;
  const ids: string[] = [];
  let after: string | undefined;
  for (let isLast = false; !isLast;) {
    const reply = await bus.request("catalog.products", { limit: 50, ...(after ? { after } : {}) }, guest);
    ids.push(...reply.products.map((it) => it.productId));
    after = ids.at(-1);
    isLast = reply.isLast;
  }
  const [row] = await shop.kit.pg.sql<
    { n: number }[]
  >`select count(*)::int as n from products where published_at is not null`;
  expect(new Set(ids).size).toBe(row?.n);
});
