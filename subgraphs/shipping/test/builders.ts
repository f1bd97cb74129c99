import { event, seal, type EventData, type NewEvent, type ShopEvent } from "@shop/events";

const usd = (amount: number) => ({ amount, currency: "USD" });

type Wanted = {
  orderId?: string;
  warehouses?: string[];
  country?: string;
  postalCode?: string;
  option?: string;
  at?: string;
};

/** OrderConfirmed: one mug of 300 g from each warehouse, to Berlin by default. */
export function confirmed(wanted: Wanted = {}): ShopEvent<"OrderConfirmed"> {
  const { orderId = "ord_1", warehouses = ["BER"], country = "DE", postalCode = "10115", option } = wanted;
  const parts = warehouses.map((warehouseCode, at) => ({
    warehouseCode,
    lineId: `l${at}`,
    sku: `MUG-${at}`,
  }));
  const data: EventData<"OrderConfirmed"> = {
    orderId,
    customerId: null,
    cartId: "cart_1",
    lines: parts.map(({ lineId, sku }) => ({
      ...{ lineId, sku, variantId: `var_${sku}`, productId: "prd_1", title: "Mug", imageUrl: null },
      ...{ quantity: 1, unitPrice: usd(500), lineTotal: usd(500), weightGrams: 300 },
    })),
    allocations: parts.map((part) => ({ ...part, warehouseCountry: "DE", quantity: 1 })),
    address: { name: "Ada", line1: "1 Way", city: "Berlin", postalCode, country },
    shippingOptionId: option ?? "standard",
  };
  return sent(
    event("OrderConfirmed", { aggregateId: orderId, version: 4, sagaId: orderId, data }),
    wanted.at,
  );
}

/** OrderCancelled. */
export function cancelled(orderId = "ord_1"): ShopEvent<"OrderCancelled"> {
  const data = { orderId, reason: "changed my mind", by: "CUSTOMER" } as const;
  return sent(event("OrderCancelled", { aggregateId: orderId, version: 5, sagaId: orderId, data }));
}

/** ShipmentAwaited. */
export function awaited(orderId = "ord_1"): ShopEvent<"ShipmentAwaited"> {
  return sent(
    event("ShipmentAwaited", { aggregateId: orderId, version: 6, sagaId: orderId, data: { orderId } }),
  );
}

/** OrderConfirmationFailed. */
export function confirmationFailed(orderId = "ord_1"): ShopEvent<"OrderConfirmationFailed"> {
  const data = { orderId, reason: "capture refused" };
  return sent(event("OrderConfirmationFailed", { aggregateId: orderId, version: 5, sagaId: orderId, data }));
}

function sent<E>(fresh: NewEvent, at = "2026-03-01T12:00:00Z"): E {
  return seal(fresh, new Date(at)) as E;
}
