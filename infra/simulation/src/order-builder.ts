import type { EventData } from "@shop/events";
import { emptyModel, type Model } from "@shop/inventory/reference-model";
import type { Command } from "@shop/order/domain";
import type { Random } from "./random.ts";

const warehouses = [
  { code: "EU", country: "DE" },
  { code: "US", country: "US" },
];

/** Two SKUs in two warehouses, a few units of each. */
export function stocked(random: Random): Model {
  const skus = ["MUG", "CUP"].map((sku) => ({ sku, variantId: `var_${sku}`, productId: `prd_${sku}` }));
  const empty = emptyModel(warehouses, skus);
  const items = [...empty.items].map(([sku, item]) => {
    const places = [...item.places].map(
      ([code, place]) => [code, { ...place, onHand: random.below(6) }] as const,
    );
    return [sku, { ...item, places: new Map(places) }] as const;
  });
  return { ...empty, items: new Map(items) };
}

/** An order of one or two lines, more than there may be in stock. */
export function anOrder(
  id: string,
  random: Random,
  paymentToken: string | null,
): Extract<Command, { type: "PlaceOrder" }> {
  const usd = (amount: number) => ({ amount, currency: "USD" });
  const skus = random.is(0.4) ? ["MUG", "CUP"] : [random.oneOf(["MUG", "CUP"])];
  const lines = skus.map((sku): EventData<"OrderInitiated">["lines"][number] => {
    const quantity = 1 + random.below(3);
    const ids = { lineId: `${id}_${sku}`, variantId: `var_${sku}`, productId: `prd_${sku}`, sku, title: sku };
    const lineTotal = usd(500 * quantity);
    return { ...ids, imageUrl: null, quantity, unitPrice: usd(500), lineTotal, weightGrams: 300 };
  });
  const subtotal = lines.reduce((sum, line) => sum + line.lineTotal.amount, 0);
  const [name, line1, city, postalCode, country] = ["Ada", "1 Way", "Berlin", "10115", "DE"] as const;
  return {
    type: "PlaceOrder",
    paymentToken,
    details: {
      ...{ id, number: id, customerId: null, client: null, cartId: `cart_${id}`, cartVersion: 1 },
      ...{ email: "ada@shop.test" },
      ...{ lines, shippingOptionId: "standard", address: { name, line1, city, postalCode, country } },
      totals: {
        ...{ subtotal: usd(subtotal), discount: usd(0), shipping: usd(200), tax: usd(0) },
        total: usd(subtotal + 200),
      },
    },
  };
}
