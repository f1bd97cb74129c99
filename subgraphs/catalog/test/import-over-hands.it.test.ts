import { staff } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCatalogShop, record, usd } from "./fixtures.ts";

let it: Awaited<ReturnType<typeof openCatalogShop>>;
beforeAll(async () => void (it = await openCatalogShop()));
afterAll(() => it.close());

const setPrice = (sku: string, price: object, compareAtPrice: object | null = null) =>
  it.shop.graphql(
    `mutation ($sku: String!, $price: MoneyInput!, $compareAtPrice: MoneyInput) {
      variantPriceSet(sku: $sku, price: $price, compareAtPrice: $compareAtPrice) { userErrors { code } } }`,
    { sku, price, compareAtPrice },
    staff,
  );

const update = async (id: string, input: object) => {
  const { data, errors } = await it.shop.graphql(
    `mutation ($id: ID!, $input: ProductInput!) {
      productUpdate(id: $id, input: $input) { product { version } userErrors { code message } } }`,
    { id, input },
    staff,
  );
  expect(errors).toBeUndefined();
  expect(data?.["productUpdate"].userErrors).toEqual([]);
};

const shown = async (id: string) =>
  (
    await it.shop.graphql(
      `query ($id: ID!) { product(id: $id) { title slug brand description attributes { name value } images { url }
        category { name } variants { sku title price { amount } compareAtPrice { amount } attributes { name value } } } }`,
      { id },
    )
  ).data?.["product"];

test("a price set by hand goes with the next import of the same record, and the answer says so", async () => {
  const id = await it.importOne("hand");
  await setPrice("SKU-hand", usd("1.00"));
  await setPrice("SKU-hand-L", { amount: "9.00", currency: "EUR" });
  const [result] = (await it.importAll([record("hand")])).results;
  expect(result).toMatchObject({ outcome: "UPDATED", productId: id });
  expect(result?.overwrote).toEqual([
    { field: ["variants", "0", "price"], sku: "SKU-hand", was: "1.00 USD" },
    { field: ["variants", "0", "compareAtPrice"], sku: "SKU-hand", was: null },
    { field: ["variants", "1", "prices"], sku: "SKU-hand-L", was: "9.00 EUR" },
    { field: ["variants", "1", "compareAtPrice"], sku: "SKU-hand-L", was: null },
  ]);
  expect((await shown(id)).variants[0]).toMatchObject({
    price: { amount: "19.99" },
    compareAtPrice: { amount: "24.99" },
  });
  const changed = await it.shop.waitForEvent(
    "ProductChanged",
    ({ data }) => data.product.productId === id && data.product.version === 4,
  );
  expect(changed.data.product.variants[1]?.prices).toEqual([{ amount: 2999, currency: "USD" }]);
  const [again] = (await it.importAll([record("hand")])).results;
  expect(again).toMatchObject({ outcome: "UNCHANGED", overwrote: [] });
});

const byHand = {
  title: "Product all",
  description: "Made for tests",
  brand: "Acme",
  categorySlug: "pots",
  attributes: [{ name: "Colour", value: "red" }],
  imageUrls: ["https://images.shop.test/all.jpg"],
  variants: record("all").variants,
};

test.each<[string, object, object]>([
  ["title", { title: "Mine" }, { field: ["title"], was: "Mine" }],
  ["description", { description: "Mine" }, { field: ["description"], was: "Mine" }],
  ["brand", { brand: null }, { field: ["brand"], was: null }],
  ["pictures", { imageUrls: [] }, { field: ["imageUrls"], was: null }],
  ["attributes", { attributes: [{ name: "Size", value: "M" }] }, { field: ["attributes"], was: "Size: M" }],
  ["category", { categorySlug: "kitchen" }, { field: ["categoryPath"] }],
  ["slug", { slug: "mine" }, { field: ["slug"], was: "mine" }],
  ["choice of variants", { variants: byHand.variants.slice(0, 1) }, { field: ["variants"], was: "SKU-all" }],
  [
    "variant's title",
    { variants: byHand.variants.map((it, at) => (at === 1 ? { ...it, title: "Huge" } : it)) },
    { field: ["variants", "1", "title"], sku: "SKU-all-L", was: "Huge" },
  ],
  [
    "variant's weight",
    { variants: byHand.variants.map((it) => ({ ...it, weightGrams: 7 })) },
    { field: ["variants", "0", "weightGrams"], sku: "SKU-all", was: "7" },
  ],
])("the %s that was changed by hand is as the record says again", async (_, change, overwritten) => {
  const theRecord = record("all", { slug: "all" });
  const { results } = await it.importAll([theRecord]);
  const id = results[0]?.productId ?? "";
  const before = await shown(id);
  await update(id, { ...byHand, slug: "all", ...change });
  const [result] = (await it.importAll([theRecord])).results;
  expect(result).toMatchObject({ outcome: "UPDATED" });
  expect(result?.overwrote).toEqual(expect.arrayContaining([expect.objectContaining(overwritten)]));
  expect(await shown(id)).toEqual(before);
});

test("a new record lists what it takes from hands, and not what it changes itself", async () => {
  const id = await it.importOne("new");
  await setPrice("SKU-new", usd("5.00"), usd("24.99"));
  const next = record("new", { title: "New title", description: "New text" });
  const [result] = (await it.importAll([next])).results;
  expect(result).toMatchObject({
    outcome: "UPDATED",
    overwrote: [{ field: ["variants", "0", "price"], sku: "SKU-new", was: "5.00 USD" }],
  });
  // What hands and the source agree on is no loss.
  await setPrice("SKU-new", usd("4.00"), usd("24.99"));
  const [same] = (
    await it.importAll([
      { ...next, variants: [{ ...next.variants[0], price: usd("4.00") }, next.variants[1]] },
    ])
  ).results;
  expect(same).toMatchObject({ outcome: "UNCHANGED", productId: id, overwrote: [] });
});

test("what was archived by hand stays archived, and the same record still says what stands", async () => {
  const id = await it.importOne("gone");
  await it.shop.graphql(
    `mutation ($id: ID!) { productArchive(id: $id) { userErrors { code } } }`,
    { id },
    staff,
  );
  const [same] = (await it.importAll([record("gone")])).results;
  expect(same).toMatchObject({ outcome: "UNCHANGED", productId: id });
  const [other] = (await it.importAll([record("gone", { title: "Back" })])).results;
  expect(other).toMatchObject({ outcome: "REJECTED", userErrors: [{ code: "CONFLICT" }] });
});
