import { event, type NewEvent, type ProductSnapshot } from "@shop/events";
import type { Money } from "@shop/values";
import { snapshot, type Product } from "./product.ts";

/** The event that a change of a product causes; consumers get the whole product with each. */
export type ProductEvent =
  | { type: "ProductPublished" | "ProductChanged" | "ProductArchived" }
  | { type: "PriceChanged"; sku: string; was: Money; now: Money };

/** Builds the event with the product's snapshot. */
export function productEvent(
  product: Product,
  { type, ...more }: ProductEvent,
  categoryPath: ProductSnapshot["categoryPath"],
): NewEvent {
  const data = { product: snapshot(product, categoryPath), ...more };
  const rest = { aggregateId: product.id, version: product.version, data };
  // The union above pairs type and data; the kit checks the event against its validator.
  return event(type, rest as Parameters<typeof event<typeof type>>[1]);
}
