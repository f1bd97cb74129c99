import { eventually } from "@shop/testkit/eventually";
import type { Untyped } from "../src/answer.ts";
import { key } from "../src/shopping.ts";
import { noting, type StoryClient } from "./story.ts";

/** What staff does in a day: products, stock, orders, parcels, people. The client is signed in as staff. */
export async function staffStory(client: StoryClient, sent: Set<string>): Promise<void> {
  const { query, mutate } = noting(client, sent);
  const { orders } = await query("staff-orders", { first: 5 });
  await query("staff-customers", { first: 5 });
  const { warehouses } = await query("warehouses");
  await query("parked-payments");
  await query("products-in-review", { first: 5 });

  const { categories } = await query("categories");
  const sku = `SKU-${key()}`;
  const input = {
    ...{ title: `Desk ${sku}`, description: "A desk.", categorySlug: categories[0].slug },
    variants: [{ sku, price: { amount: "10.00", currency: "USD" } }],
  };
  const { productCreate } = await mutate("product-create", { input });
  const { id } = productCreate.product;
  await mutate("product-update", { id, input: { ...input, description: "A good desk." } });
  await mutate("product-submit", { id });
  await mutate("product-reject", { id, reason: "A picture is missing." });
  await mutate("product-submit", { id });
  await mutate("product-approve", { id });
  await mutate("product-rename", { id, slug: `desk-${key()}` });
  const price = { amount: "12.00", currency: "USD" };
  await mutate("variant-price-set", { sku, price, idempotencyKey: key() });
  const adjustment = { sku, warehouseCode: warehouses[0].code, delta: 5, reason: "delivery" };
  await eventually(async () => {
    const { stockAdjust } = await mutate("stock-adjust", { input: { ...adjustment, idempotencyKey: key() } });
    return stockAdjust.userErrors.length === 0;
  }, "inventory doesn't know the new variant");
  await mutate("stock-adjust-many", { inputs: [{ ...adjustment, idempotencyKey: key() }] });
  await query("staff-stock", { sku });
  await mutate("product-archive", { id });
  await mutate("product-unarchive", { id });
  await mutate("product-delete", { id });
  const record = {
    ...{
      externalId: `ext-${key()}`,
      title: "Stool",
      description: "A stool.",
      categoryPath: ["Home", "Stools"],
    },
    variants: [{ sku: `SKU-${key()}`, price }],
  };
  await mutate("products-import", { input: { records: [record] } });
  await query("categories");

  const tier = {
    email: "second@shop.test",
    tier: "VIP",
    reason: "a friend of the shop",
    idempotencyKey: key(),
  };
  await mutate("user-tier-set", { input: tier });
  const parcels = (orders.nodes as Untyped[]).flatMap(({ shipments }) => shipments as Untyped[]);
  const announced = parcels.find(({ status }) => status === "SCHEDULED");
  await mutate("shipment-advance", { shipmentId: announced.id, status: "SHIPPED", idempotencyKey: key() });
  await query("staff-orders", { first: 5 });
}
