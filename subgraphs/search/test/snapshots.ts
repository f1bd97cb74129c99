import type { ProductSnapshot, StockState } from "@shop/events";
import { event } from "@shop/service";

export function aProduct(
  name: string,
  given: Partial<ProductSnapshot> = {},
  amount = 1_999,
): ProductSnapshot {
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

export function stockOf(name: string, available: number, version: number): StockState {
  return { sku: `SKU-${name}`, variantId: `var_${name}`, productId: `prd_${name}`, available, version };
}

export function purchaseOf(name: string, customerId: string) {
  const price = { amount: 1_999, currency: "USD" };
  const sku = `SKU-${name}`;
  const lineId = `lin_${name}`;
  return event("OrderConfirmed", {
    aggregateId: `ord_${name}`,
    version: 5,
    sagaId: `ord_${name}`,
    data: {
      orderId: `ord_${name}`,
      customerId,
      cartId: "crt_1",
      lines: [
        {
          ...{ lineId, sku, variantId: `var_${name}`, productId: `prd_${name}`, title: name, imageUrl: null },
          ...{ quantity: 1, unitPrice: price, lineTotal: price, weightGrams: 0 },
        },
      ],
      allocations: [{ warehouseCode: "A", warehouseCountry: "US", lineId, sku, quantity: 1 }],
      address: { name: "Ann", line1: "1 Way", city: "Town", postalCode: "1", country: "US" },
      shippingOptionId: "standard",
    },
  });
}

export function priceChange(product: ProductSnapshot) {
  const now = product.variants[0]?.prices[0] ?? { amount: 0, currency: "USD" };
  const sku = product.variants[0]?.sku ?? "";
  return event("PriceChanged", {
    aggregateId: product.productId,
    version: product.version,
    data: { product, sku, was: now, now },
  });
}
