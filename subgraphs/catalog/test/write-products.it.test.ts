import { productSnapshot } from "@shop/events";
import type { Identity } from "@shop/service";
import { customer, guest, staff } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCatalogShop, moderator, record, usd } from "./fixtures.ts";

let it: Awaited<ReturnType<typeof openCatalogShop>>;
beforeAll(async () => void (it = await openCatalogShop()));
afterAll(() => it.close());

const payload = "product { id slug status title } userErrors { code message field }";

test("an import can be repeated: what is new is made, what changed is changed, what is equal is left alone", async () => {
  const first = await it.importAll([record("i1"), record("i2"), record("i3", { publish: false })]);
  expect(first.results.map((it) => it.outcome)).toEqual(["CREATED", "CREATED", "CREATED"]);
  const again = await it.importAll([record("i1"), record("i2", { title: "Renamed" }), record("i4")]);
  expect(again.results.map((it) => it.outcome)).toEqual(["UNCHANGED", "UPDATED", "CREATED"]);
  expect(again.results[1]?.productId).toBe(first.results[1]?.productId);
  const event = await it.shop.waitForEvent("ProductChanged", ({ data }) => data.product.title === "Renamed");
  expect(event.data.product).toMatchObject({ version: 2, slug: "product-i2-i2" });
  expect(event.data.product.categoryPath.map((it) => it.name)).toEqual(["Home", "Kitchen", "Pots"]);
  expect(it.shop.events("ProductPublished").map((it) => it.data.product.title)).not.toContain("Product i3");
});

test("a record that can't be taken stops no other", async () => {
  await it.importOne("taken");
  const { results } = await it.importAll([
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
  const both = await Promise.all([it.importAll(records), it.importAll(records)]);
  const outcomes = both.flatMap(({ results }) => results.map((it) => it.outcome)).toSorted();
  expect(outcomes).toEqual([...Array<string>(50).fill("CREATED"), ...Array<string>(50).fill("UNCHANGED")]);
});

async function create(over: object = {}) {
  const { data } = await it.shop.graphql(
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
  (await it.shop.graphql(`mutation ($id: ID!) { ${name}(id: $id${more}) { ${payload} } }`, { id }, identity))
    .data?.[name];

test("a product is written, judged, put on sale and taken off again", async () => {
  await it.importOne("for-its-category");
  const { product } = await create();
  expect(product).toMatchObject({ status: "DRAFT", slug: "kettle" });
  const see = async (identity: Identity) =>
    (await it.shop.graphql(`query ($id: ID!) { product(id: $id) { status } }`, { id: product.id }, identity))
      .data?.["product"];
  expect(await see(guest)).toBeNull();
  expect(await see(customer())).toBeNull();
  expect(await see(moderator)).toEqual({ status: "DRAFT" });

  expect((await act("productSubmit", product.id, staff)).product.status).toBe("IN_REVIEW");
  const queue = await it.shop.graphql(`{ productsInReview { totalCount nodes { id } } }`, {}, moderator);
  expect(queue.data?.["productsInReview"]).toEqual({ totalCount: 1, nodes: [{ id: product.id }] });
  expect((await act("productReject", product.id, moderator, `, reason: "No picture"`)).product.status).toBe(
    "REJECTED",
  );
  await act("productSubmit", product.id, staff);
  expect((await act("productApprove", product.id, moderator)).product.status).toBe("PUBLISHED");
  expect(await see(guest)).toEqual({ status: "PUBLISHED" });
  const published = await it.shop.waitForEvent(
    "ProductPublished",
    ({ data }) => data.product.productId === product.id,
  );
  expect(productSnapshot.parse(published.data.product)).toMatchObject({ status: "PUBLISHED", version: 5 });

  expect((await act("productApprove", product.id, staff)).userErrors[0]).toMatchObject({
    code: "CONFLICT",
    field: ["id"],
  });
  expect((await act("productArchive", product.id, staff)).product.status).toBe("ARCHIVED");
  await it.shop.waitForEvent("ProductArchived", ({ data }) => data.product.productId === product.id);
  expect(await see(guest)).toEqual({ status: "ARCHIVED" });
  const { data } = await it.shop.graphql(
    `mutation ($sku: String!) { variantPriceSet(sku: $sku, price: { amount: "1", currency: "USD" }) { userErrors { code } } }`,
    { sku: published.data.product.variants[0]?.sku },
    staff,
  );
  expect(data?.["variantPriceSet"]).toEqual({ userErrors: [{ code: "CONFLICT" }] });
});

test("an update keeps variants' ids, retires those left out, and refuses names that others have", async () => {
  await it.importOne("rival");
  const { product } = await create({
    title: "Pan",
    variants: [
      { sku: "PAN-S", price: usd("20") },
      { sku: "PAN-L", price: usd("30") },
    ],
  });
  const update = async (input: object) =>
    (
      await it.shop.graphql(
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

test("a slug that is no address is refused, an empty one too", async () => {
  for (const slug of ["", " ", "Pan", "a--b"]) {
    const { product, userErrors } = await create({ slug, variants: [{ sku: "PAN-A", price: usd("20") }] });
    expect(product).toBeNull();
    expect(userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "slug"] }]);
  }
});

test("a queue is not read from a cursor that it did not give", async () => {
  for (const forged of ["x", '[8640000000000000,"x"]', '[-1,"x"]', '[1.5,"x"]']) {
    const after = Buffer.from(forged).toString("base64url");
    const { errors } = await it.shop.graphql(
      `query ($after: String) { productsInReview(after: $after) { totalCount } }`,
      { after },
      moderator,
    );
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  }
});

test("a price set twice under one key is set once, and another price under that key is refused", async () => {
  const id = await it.importOne("priced");
  const set = async (amount: string, idempotencyKey: string) =>
    (
      await it.shop.graphql(
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
  for (const unfit of ["", "k".repeat(201)])
    expect((await set("17", unfit)).userErrors[0]).toMatchObject({ field: ["idempotencyKey"] });
  const event = await it.shop.waitForEvent("PriceChanged", ({ data }) => data.product.productId === id);
  expect(event.data).toMatchObject({
    sku: "SKU-priced",
    was: { amount: 1999 },
    now: { amount: 1500 },
    product: { version: 2 },
  });
  expect(it.shop.events("PriceChanged").filter(({ data }) => data.product.productId === id)).toHaveLength(1);
});

test("only staff write products, only staff and moderators judge them", async () => {
  for (const identity of [guest, customer(), moderator]) {
    const { errors } = await it.shop.graphql(
      `mutation { productsImport(input: { records: [] }) { results { index } } }`,
      {},
      identity,
    );
    expect(errors?.[0]?.extensions?.["code"]).toBe(identity === guest ? "UNAUTHENTICATED" : "FORBIDDEN");
  }
  const { errors } = await it.shop.graphql(
    `mutation { productApprove(id: "x") { userErrors { code } } }`,
    {},
    customer(),
  );
  expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
  const { data } = await it.shop.graphql(`{ productsInReview { totalCount } }`, {}, customer());
  expect(data?.["productsInReview"]).toBeNull();
  expect(
    (await it.importAll(Array.from({ length: 501 }, (_, at) => record(`much-${at}`)))).userErrors[0]?.code,
  ).toBe("INVALID_INPUT");
});
