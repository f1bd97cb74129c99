import { z } from "zod";
import { allocationSchema, moneySchema } from "./shared-schemas.ts";

/** A line that can't be had in full. */
export const shortagePart = z.object({
  lineId: z.string(),
  sku: z.string(),
  requested: z.int(),
  available: z.int(),
  /** There is enough: `available` is what may be set aside without a payment. */
  isUnpaidLimit: z.boolean().optional(),
});

/** Units of a SKU that can be bought, over all warehouses. */
export const stockState = z.object({
  sku: z.string(),
  variantId: z.string(),
  productId: z.string(),
  /** Units that can be bought now. */
  available: z.int().nonnegative(),
  /** Grows with each change of the SKU's stock. */
  version: z.int(),
});

/** Units of a SKU that can be bought. */
export type StockState = z.infer<typeof stockState>;

/** A flash sale as staff planned it. */
export const plannedSale = z.object({
  saleId: z.string(),
  sku: z.string(),
  variantId: z.string(),
  productId: z.string(),
  price: moneySchema,
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  /** How the variant sells while the sale does not run: NOT_FOR_SALE before it and after it, until the SKU's next sale. */
  outsideSale: z.enum(["ORDINARY", "NOT_FOR_SALE"]),
});

/** The events that inventory publishes. Aggregate: the SKU's stock (`StockChanged`), the sale (`FlashSaleChanged`), else the order's reservation. */
export const inventoryEvents = {
  /** Over all warehouses, another number of units of the SKU can be bought. */
  StockChanged: stockState,
  /** Staff planned, changed or ended a flash sale. Between `startsAt` and `endsAt` its variant is bought with a ticket only. */
  FlashSaleChanged: plannedSale,
  /** All lines of the order are reserved. */
  InventoryReserved: z.object({
    orderId: z.string(),
    allocations: z.array(allocationSchema).min(1),
    /** Which of the order's reservations this is; absent is the first. */
    turn: z.int().positive().optional(),
    /** Whether the units may stay set aside while no attempt to pay is under way; absent is true. */
    mayBeHeld: z.boolean().optional(),
  }),
  /** At least one line could not be had; nothing is reserved. */
  InventoryReservationFailed: z.object({
    orderId: z.string(),
    shortages: z.array(shortagePart),
    /** Which of the order's reservations was tried; absent is the first. */
    turn: z.int().positive().optional(),
  }),
  /** The units that were reserved for the order, or sold with it, are for sale again. */
  InventoryReleased: z.object({ orderId: z.string(), wasSold: z.boolean() }),
};
