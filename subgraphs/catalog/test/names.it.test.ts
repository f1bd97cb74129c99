import { eventually, staff } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCatalogShop, usd } from "./fixtures.ts";
import { input, staffOf } from "./staff-acts.ts";

let it: Awaited<ReturnType<typeof openCatalogShop>>;
let our: ReturnType<typeof staffOf>;
beforeAll(async () => {
  it = await openCatalogShop();
  our = staffOf(it);
  await it.importOne("for-its-category");
});
afterAll(() => it.close());

test("the second of two editors gets STALE_VERSION and the current product", async () => {
  const { product } = await our.create("EDIT", { slug: "edited" });
  expect(product.version).toBe(1);
  const first = await our.update(product.id, input("EDIT", { title: "First's" }), 1);
  expect(first).toMatchObject({ product: { version: 2, title: "First's" }, userErrors: [] });
  const second = await our.update(product.id, input("EDIT", { title: "Second's" }), 1);
  expect(second).toMatchObject({
    product: { version: 2, title: "First's" },
    userErrors: [{ code: "STALE_VERSION", field: ["version"] }],
  });
  expect((await our.update(product.id, input("EDIT", { title: "Second's" }), 2)).product.version).toBe(3);
  for (const edit of [
    "productSubmit",
    "productApprove",
    "productArchive",
    "productUnarchive",
    "productRename",
  ]) {
    const stale =
      edit === "productRename" ? await our.rename(product.id, "x", 1) : await our.act(edit, product.id, 1);
    expect(stale).toMatchObject({ product: { version: 3 }, userErrors: [{ code: "STALE_VERSION" }] });
  }
  const set = (version: number) =>
    our.ask(
      `mutation ($version: Int) { it: variantPriceSet(sku: "EDIT", price: { amount: "1", currency: "USD" },
        version: $version) { variant { price { amount } } userErrors { code } } }`,
      { version },
    );
  expect(await set(2)).toEqual({
    variant: { price: { amount: "30.00" } },
    userErrors: [{ code: "STALE_VERSION" }],
  });
  expect(await set(3)).toEqual({ variant: { price: { amount: "1.00" } }, userErrors: [] });
  const both = await Promise.all(
    [1, 2].map((at) => our.update(product.id, input("EDIT", { title: `${at}` }), 4)),
  );
  expect(both.flatMap((it) => it.userErrors.map(({ code }: { code: string }) => code))).toEqual([
    "STALE_VERSION",
  ]);
});

test("a SKU that one product drops is another's, and old orders still find the variant that had it", async () => {
  const two = [
    { sku: "KEPT", price: usd("1") },
    { sku: "MOVED", title: "Large", price: usd("2") },
  ];
  const { product: first } = await our.create("KEPT", { slug: "first", variants: two });
  await our.publish(first.id);
  const [, moved] = first.variants;
  expect((await our.create("MOVED", { slug: "second" })).userErrors).toMatchObject([
    { code: "CONFLICT", field: ["input", "variants", "0", "sku"] },
  ]);
  await our.update(first.id, input("KEPT"));
  const { product: second, userErrors } = await our.create("moved", { slug: "second" });
  expect(userErrors).toEqual([]);
  expect(second.variants).toMatchObject([{ sku: "MOVED" }]);
  await our.publish(second.id);
  expect(await our.bySku("MOVED")).toMatchObject({ product: { id: second.id } });
  expect(await our.byVariant(moved.id)).toEqual({ sku: "MOVED", product: { id: first.id } });
  const event = await it.shop.waitForEvent(
    "ProductPublished",
    ({ data }) => data.product.productId === second.id,
  );
  expect(event.data.product.variants).toMatchObject([{ sku: "MOVED", skuTurn: 2 }]);
  // Its first owner gets it back once the second has dropped it, under the same variant.
  expect((await our.update(first.id, input("KEPT", { variants: two }))).userErrors).toMatchObject([
    { code: "CONFLICT" },
  ]);
  await our.update(second.id, input("OTHER"));
  const back = await our.update(first.id, input("KEPT", { variants: two }));
  expect(back.product.variants).toMatchObject([{ sku: "KEPT" }, { id: moved.id, sku: "MOVED" }]);
  await eventually(async () => (await our.bySku("MOVED")).product.id === first.id);
});

test("units that are there are the new owner's to sell", async () => {
  const { product: old } = await our.create("STOCKED", { slug: "stocked-old" });
  await our.publish(old.id);
  await it.shop.publish({
    type: "StockChanged",
    aggregate: { id: "STOCKED", version: 1 },
    data: { sku: "STOCKED", variantId: old.variants[0].id, productId: old.id, available: 3, version: 1 },
  });
  const inStock = (id: string) => our.ask(`query ($id: ID!) { it: product(id: $id) { inStock } }`, { id });
  await eventually(async () => (await inStock(old.id)).inStock);
  await our.act("productArchive", old.id);
  const { product: next } = await our.create("STOCKED", { slug: "stocked-new" });
  await our.publish(next.id);
  await eventually(async () => (await inStock(next.id)).inStock);
  expect(await our.act("productUnarchive", old.id)).toMatchObject({ userErrors: [{ code: "CONFLICT" }] });
  const reply = await it.shop.kit.bus.request("catalog.products", { limit: 200 }, staff);
  expect(reply.products.map((it) => it.productId)).toContain(next.id);
  expect(reply.products.map((it) => it.productId)).not.toContain(old.id);
});

test("a draft is deleted, and its slug and SKU are free; what was ever on sale stays", async () => {
  const { product } = await our.create("DRAFT", { slug: "drafted" });
  expect(await our.remove(product.id)).toEqual({ deletedId: product.id, userErrors: [] });
  expect(await our.remove(product.id)).toMatchObject({
    deletedId: null,
    userErrors: [{ code: "NOT_FOUND" }],
  });
  expect(await our.bySlug("drafted")).toBeNull();
  const { product: again, userErrors } = await our.create("DRAFT", { slug: "drafted" });
  expect(userErrors).toEqual([]);
  await our.publish(again.id);
  expect(await our.remove(again.id)).toMatchObject({ deletedId: null, userErrors: [{ code: "CONFLICT" }] });
  await our.act("productArchive", again.id);
  expect(await our.remove(again.id)).toMatchObject({ deletedId: null, userErrors: [{ code: "CONFLICT" }] });
});

test("an archived product is un-archived: on sale if it ever was, else a draft", async () => {
  const { product } = await our.create("ARCHIVED", { slug: "archived" });
  await our.act("productArchive", product.id);
  expect(await our.act("productUnarchive", product.id)).toMatchObject({ product: { status: "DRAFT" } });
  expect(await our.act("productUnarchive", product.id)).toMatchObject({ userErrors: [{ code: "CONFLICT" }] });
  await our.publish(product.id);
  await our.act("productArchive", product.id);
  expect(await our.act("productUnarchive", product.id)).toMatchObject({ product: { status: "PUBLISHED" } });
  const again = (await eventually(async () => {
    const all = it.shop
      .events("ProductPublished")
      .filter(({ data }) => data.product.productId === product.id);
    return all.length === 2 ? all[1] : undefined;
  })) as { data: { product: { status: string } } };
  expect(again.data.product.status).toBe("PUBLISHED");
});

test("an old slug still finds its product and says today's, until another product takes it", async () => {
  const { product } = await our.create("SLUG-1", { slug: "then" });
  await our.publish(product.id);
  await our.rename(product.id, "later");
  await our.update(product.id, input("SLUG-1", { slug: "today" }));
  for (const slug of ["then", "later", "today"]) {
    expect(await our.bySlug(slug)).toEqual({ id: product.id, slug: "today" });
  }
  // A title alone takes no slug that leads to another product.
  const { product: named } = await our.create("SLUG-2", { title: "Then" });
  expect(named.slug).toMatch(/^then-.+/);
  const { product: taker } = await our.create("SLUG-3", { slug: "then" });
  await eventually(async () => (await our.bySlug("then"))?.id === taker.id);
  expect(await our.bySlug("later")).toEqual({ id: product.id, slug: "today" });
  expect(await our.rename(product.id, "then")).toMatchObject({ userErrors: [{ code: "CONFLICT" }] });
  expect(await our.rename(product.id, "No Slug")).toMatchObject({
    userErrors: [{ code: "INVALID_INPUT", field: ["slug"] }],
  });
  await our.rename(product.id, "later");
  expect(await our.bySlug("today")).toEqual({ id: product.id, slug: "later" });
  // An archived one as well, so that its slug is free.
  await our.act("productArchive", product.id);
  await our.rename(product.id, "put-away");
  expect((await our.create("SLUG-4", { slug: "later" })).userErrors).toEqual([]);
});
