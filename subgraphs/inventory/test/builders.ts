import { event, seal, type EventData, type ProductSnapshot, type ShopEvent } from "@shop/events";
import type { OrderEvent } from "./reference-model/model.ts";

/** The parts of an order line that inventory reads. */
export type Wanted = { lineId?: string; sku: string; quantity: number };

const usd = (amount: number) => ({ amount, currency: "USD" });

/** OrderInitiated for these lines, sent to Germany by default; an unpaid order has no attempt under way. */
export function initiated(
  orderId: string,
  wanted: readonly Wanted[],
  country = "DE",
  isUnpaid = false,
  flashSale?: EventData<"OrderInitiated">["flashSale"],
): ShopEvent<"OrderInitiated"> {
  const data: EventData<"OrderInitiated"> = {
    orderId,
    lines: linesOf(wanted),
    totals: { subtotal: usd(100), discount: usd(0), shipping: usd(0), tax: usd(0), total: usd(100) },
    address: { country },
    paymentToken: null,
    ...(isUnpaid ? { isUnpaid } : {}),
    ...(flashSale && { flashSale }),
  };
  const fresh = event("OrderInitiated", { aggregateId: orderId, version: 1, sagaId: orderId, data });
  return seal(fresh, new Date()) as ShopEvent<"OrderInitiated">;
}

/** StockYielded: the order is not being paid any more, and its stock is beyond the limit. */
export function stockYielded(orderId: string, turn = 1): ShopEvent<"StockYielded"> {
  const fresh = event("StockYielded", {
    ...{ aggregateId: orderId, version: 3, sagaId: orderId },
    data: { orderId, turn },
  });
  return seal(fresh, new Date()) as ShopEvent<"StockYielded">;
}

/** StockRequested: such an order is being paid after all. */
export function stockRequested(
  orderId: string,
  wanted: readonly Wanted[],
  turn = 2,
  flashSale?: EventData<"StockRequested">["flashSale"],
): ShopEvent<"StockRequested"> {
  const fresh = event("StockRequested", {
    ...{ aggregateId: orderId, version: 4, sagaId: orderId },
    data: {
      ...{ orderId, turn, lines: linesOf(wanted), address: { country: "DE" } },
      ...(flashSale && { flashSale }),
    },
  });
  return seal(fresh, new Date()) as ShopEvent<"StockRequested">;
}

/** OrderConfirmed; inventory reads its order's id alone. */
export function confirmed(orderId: string): ShopEvent<"OrderConfirmed"> {
  const data: EventData<"OrderConfirmed"> = {
    orderId,
    customerId: null,
    cartId: "cart_1",
    lines: linesOf([{ sku: "any", quantity: 1 }]),
    allocations: [{ warehouseCode: "BER", warehouseCountry: "DE", lineId: "l1", sku: "any", quantity: 1 }],
    address: { name: "A", line1: "B 1", city: "C", postalCode: "12345", country: "DE" },
    shippingOptionId: "standard",
  };
  const fresh = event("OrderConfirmed", { aggregateId: orderId, version: 4, sagaId: orderId, data });
  return seal(fresh, new Date()) as ShopEvent<"OrderConfirmed">;
}

const endings = {
  OrderExpired: {},
  OrderRejected: { reason: "OUT_OF_STOCK" },
  OrderConfirmationFailed: { reason: "CAPTURE_REFUSED" },
  OrderCancelled: { reason: "changed my mind", by: "CUSTOMER" },
} as const;

/** An event that ends the order. */
export function ended(orderId: string, type: keyof typeof endings = "OrderCancelled"): OrderEvent {
  const data = { orderId, ...endings[type] } as never;
  const fresh = event(type, { aggregateId: orderId, version: 5, sagaId: orderId, data });
  return seal(fresh, new Date()) as OrderEvent;
}

/** A published product with one variant for each SKU; variant ids are `var_<sku>`. */
export function published(
  skus: readonly string[],
  productId = "prd_1",
  version = 1,
  status: ProductSnapshot["status"] = "PUBLISHED",
  skuTurn = 1,
): ShopEvent<"ProductPublished"> {
  const data: EventData<"ProductPublished"> = {
    product: {
      productId,
      version,
      status,
      slug: productId,
      title: "Thing",
      description: "A thing",
      brand: null,
      categoryPath: [{ id: "c", slug: "c", name: "C" }],
      attributes: [],
      imageUrls: [],
      variants: skus.map((sku) => ({
        variantId: `var_${sku}`,
        sku,
        skuTurn,
        title: sku,
        attributes: [],
        imageUrl: null,
        prices: [usd(100)],
        compareAtPrice: null,
        weightGrams: 100,
      })),
      createdAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:00.000Z",
    },
  };
  return seal(
    event("ProductPublished", { aggregateId: productId, version, data }),
    new Date(),
  ) as ShopEvent<"ProductPublished">;
}

function linesOf(wanted: readonly Wanted[]) {
  return wanted.map(({ lineId, sku, quantity }, at) => ({
    lineId: lineId ?? `l${at + 1}`,
    variantId: `var_${sku}`,
    productId: "prd_1",
    sku,
    title: sku,
    imageUrl: null,
    quantity,
    unitPrice: usd(100),
    lineTotal: usd(100 * quantity),
    weightGrams: 100,
  }));
}
