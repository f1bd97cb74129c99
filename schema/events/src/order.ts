import { z } from "zod";
import {
  addressSchema,
  allocationSchema,
  moneySchema,
  orderLineSchema,
  totalsSchema,
} from "./shared-schemas.ts";

const ref = { orderId: z.string() };

/** The line of one unit that a flash-sale ticket buys. Absent in ordinary orders. */
const flashSale = z.object({ ticketId: z.string(), lineId: z.string() }).optional();

/** The events that order publishes. Aggregate and saga: the order. */
export const orderEvents = {
  /** The order is durable as CREATED: inventory reserves its stock, payment records its total. */
  OrderInitiated: z.object({
    ...ref,
    lines: z.array(orderLineSchema).min(1),
    totals: totalsSchema,
    /** The destination, as far as it chooses the warehouse; the receiver's name and street travel with the confirmation only. */
    address: addressSchema.pick({ country: true }),
    /** The provider's payment method, worth nothing without the shop's secret key; null to pay later. */
    paymentToken: z.string().nullable(),
    /**
     * No attempt to pay is under way: inventory sets its stock aside only within the share that unpaid orders may hold.
     * Absent is false.
     */
    isUnpaid: z.boolean().optional(),
    flashSale,
  }),
  /**
   * An attempt to pay has ended without money, or waits for the customer, and this order's stock is beyond what unpaid
   * orders may hold: it goes back on sale, the order stays payable. `turn` counts the order's reservations from 1.
   */
  StockYielded: z.object({ ...ref, turn: z.int().positive() }),
  /** An order that had yielded its stock was paid after all: inventory reserves anew, under the next turn. */
  StockRequested: z.object({
    ...ref,
    turn: z.int().positive(),
    lines: z.array(orderLineSchema).min(1),
    address: addressSchema.pick({ country: true }),
    flashSale,
  }),
  /** The customer asks to pay (again): payment authorises as soon as the stock is reserved. Attempts count from 2; 1 is the checkout's own. */
  PaymentRequested: z.object({
    ...ref,
    attempt: z.int().positive(),
    paymentToken: z.string(),
    total: moneySchema,
  }),
  /** The authorised payment of PaymentProcessed has won the order against expiry and cancel: payment captures. */
  OrderPaid: z.object({ ...ref, paymentId: z.string() }),
  /** The payment is captured: only now inventory sells, cart removes the lines that were bought, and shipping schedules parcels. */
  OrderConfirmed: z.object({
    ...ref,
    customerId: z.string().nullable(),
    /** The cart by the hash of its id (`refOf`): a guest's cart is open to every caller who knows its id. */
    cartRef: z.string().optional(),
    /** The id itself: in events of a release before, and in no new one. */
    cartId: z.string().optional(),
    lines: z.array(orderLineSchema).min(1),
    allocations: z.array(allocationSchema).min(1),
    address: addressSchema,
    shippingOptionId: z.string(),
  }),
  /** Order has had no event of its parcels for long: shipping publishes again how they stand. `isHeld`: as in OrderHoldChanged. */
  ShipmentAwaited: z.object({ ...ref, isHeld: z.boolean().optional() }),
  /** Parcels that have not left wait (the payment is disputed), or need wait no longer. The newer version of the order counts. */
  OrderHoldChanged: z.object({ ...ref, isHeld: z.boolean() }),
  /**
   * The money was paid back at the provider, before order had the event of a parcel that left: shipping stops the parcels and
   * publishes ShipmentCalledOff, or how they stand if one has left. `request` names the command, as in callOff.
   */
  OrderRecalled: z.object({ ...ref, reason: z.string(), request: z.string() }),
  /** Capture was refused for good: each service undoes its step. */
  OrderConfirmationFailed: z.object({ ...ref, reason: z.string() }),
  /** The stock could not be had; the order is REJECTED. */
  OrderRejected: z.object({ ...ref, reason: z.string() }),
  /** By the customer, by staff, or because shipping failed. */
  OrderCancelled: z.object({ ...ref, reason: z.string(), by: z.enum(["CUSTOMER", "STAFF", "SYSTEM"]) }),
  /** Not paid in time. */
  OrderExpired: z.object({ ...ref }),
};
