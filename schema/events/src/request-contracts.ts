import type { UserErrorCode } from "@shop/values";
import { z } from "zod";
import { productSnapshot } from "./catalog.ts";
import { plannedSale, shortagePart, stockState } from "./inventory.ts";
import { addressSchema, moneySchema, orderLineSchema, totalsSchema } from "./shared-schemas.ts";
import { callOffPart } from "./shipping.ts";

const refusal = z.object({
  outcome: z.literal("refused"),
  code: z.enum([
    "INVALID_INPUT",
    "NOT_FOUND",
    "STALE_VERSION",
    "CART_EMPTY",
    "SHIPPING_UNAVAILABLE",
    "CURRENCY_NOT_SUPPORTED",
    "QUANTITY_LIMIT",
    "TICKET_NOT_HOLDING",
  ] as const satisfies readonly UserErrorCode[]),
  message: z.string(),
  field: z.array(z.string()).optional(),
  /** Of the cart as it is, where there is one: it may have become an order, which is then the answer. */
  cartVersion: z.int().optional(),
});

const shippingOption = z.object({
  /** The way's code, such as `standard`. The ids of the graph name offers, and begin with it. */
  id: z.string(),
  name: z.string(),
  price: moneySchema,
  estimatedDelivery: z.iso.datetime(),
});

/** A way of shipping, priced. */
export type PricedShippingOption = z.infer<typeof shippingOption>;

/** The amount that a shopper would pay now. */
export const quotePart = z.object({
  cartId: z.string(),
  cartVersion: z.int(),
  customerId: z.string().nullable(),
  currency: z.string(),
  lines: z.array(orderLineSchema).min(1),
  totals: totalsSchema,
  shippingOption,
  /** The line that a flash-sale ticket buys, and until when the hold may be paid. Absent in ordinary quotes. */
  flashSale: z
    .object({ ticketId: z.string(), saleId: z.string(), lineId: z.string(), holdExpiresAt: z.iso.datetime() })
    .optional(),
});

/** The amount that a shopper would pay now. */
export type Quote = z.infer<typeof quotePart>;

const notForSale = z.object({ lineId: z.string(), sku: z.string() });
const queueRequired = z.object({ lineId: z.string(), flashSaleId: z.string() });

/**
 * The requests of one service to another over NATS: `<callee>.<operation>`, with the schemas of input and reply. The caller's
 * identity travels beside the input, signed for the callee.
 */
export const requests = {
  /** From order, and for cart's own resolver: the price of the cart for this address and way of shipping. Problems stop a checkout. */
  "cart.quote": {
    input: z.object({
      cartId: z.string(),
      cartVersion: z.int().optional(),
      shippingOptionId: z.string(),
      address: addressSchema,
      flashSaleTicketId: z.string().optional(),
    }),
    reply: z.discriminatedUnion("outcome", [
      z.object({ outcome: z.literal("quoted"), quote: quotePart }),
      z.object({
        outcome: z.literal("problems"),
        notEnoughStock: z.array(shortagePart),
        notForSale: z.array(notForSale),
        cartVersion: z.int().optional(),
        /** Lines whose variant is in a running flash sale, and that no ticket buys. */
        queueRequired: z.array(queueRequired).optional(),
      }),
      refusal,
    ]),
  },
  /** The ways to ship this weight there; none for a country that isn't served. */
  "shipping.options": {
    input: z.object({ weightGrams: z.int().nonnegative(), subtotal: moneySchema, address: addressSchema }),
    reply: z.object({ options: z.array(shippingOption) }),
  },
  /** From cart: the currencies that shipping has prices in. A cart in another could be sent nowhere. */
  "shipping.currencies": {
    input: z.object({}),
    reply: z.object({ currencies: z.array(z.string()) }),
  },
  /**
   * From order, before it cancels a confirmed order: stops all its parcels, for good. Shipping alone knows whether one has
   * left already. The same request again has the same reply.
   */
  "shipping.callOff": {
    input: z.object({ orderId: z.string(), ...callOffPart }),
    reply: z.object({ outcome: z.enum(["called-off", "left"]) }),
  },
  /** From payment, about money at the provider that no payment accounts for: the state of the order that it was taken for. */
  "order.standing": {
    input: z.object({ orderId: z.string() }),
    reply: z.discriminatedUnion("outcome", [
      z.object({ outcome: z.literal("unknown") }),
      z.object({
        outcome: z.literal("known"),
        total: moneySchema,
        /** Rejected, cancelled or expired: money that is taken for it is paid back. */
        isOver: z.boolean(),
      }),
    ]),
  },
  /**
   * From payment, once the money is held, so that it captures without waiting for events. `won`: the order is PAID, and this
   * attempt alone captures it. `lost`: the order has ended. `not-yet`: PaymentProcessed decides, or has decided. The same
   * attempt again has the same reply, until the order ends.
   */
  "order.win": {
    input: z.object({
      orderId: z.string(),
      paymentId: z.string(),
      attempt: z.int(),
      amount: moneySchema,
      /** The event that led payment to this attempt: the cause of what order shows. */
      cause: z.uuid(),
    }),
    reply: z.discriminatedUnion("outcome", [
      z.object({ outcome: z.literal("won") }),
      z.object({ outcome: z.enum(["lost", "not-yet"]), reason: z.string() }),
    ]),
  },
  /** The calling customer's e-mail and, for an id, that address of theirs (null: another's or unknown). */
  "account.contact": {
    input: z.object({ addressId: z.string().optional() }),
    reply: z.object({ email: z.string(), address: addressSchema.nullable() }),
  },
  /** All published and archived products in order of id, for a service that builds its projection from nothing. */
  "catalog.products": {
    input: z.object({ after: z.string().optional(), limit: z.int().min(1).max(200) }),
    reply: z.object({ products: z.array(productSnapshot), isLast: z.boolean() }),
  },
  /** The stock of all SKUs in order of SKU, for the same use. */
  "inventory.stock": {
    input: z.object({ after: z.string().optional(), limit: z.int().min(1).max(1000) }),
    reply: z.object({ stock: z.array(stockState), isLast: z.boolean() }),
  },
  /**
   * From order, at a checkout without a payment method: the lines with more units than may be reserved unpaid. A hint that
   * saves a rejected order; the decision falls when the stock is reserved.
   */
  "inventory.unpaidLimits": {
    input: z.object({
      lines: z.array(z.object({ lineId: z.string(), sku: z.string(), quantity: z.int().positive() })).min(1),
    }),
    reply: z.object({ shortages: z.array(shortagePart) }),
  },
  /**
   * From cart, for a quote of variants that have a flash sale, or with a ticket: which of these SKUs are in a running sale now,
   * by inventory's clock, and what the calling customer's ticket holds.
   */
  "inventory.flashSales": {
    input: z.object({ skus: z.array(z.string()), ticketId: z.string().optional() }),
    reply: z.object({
      /** `isRunning`: to be bought with a ticket only; else the sale's variant is not for sale now. */
      sales: z.array(z.object({ saleId: z.string(), sku: z.string(), isRunning: z.boolean() })),
      /** Null without a `ticketId`. */
      ticket: z
        .discriminatedUnion("outcome", [
          z.object({
            outcome: z.literal("holding"),
            saleId: z.string(),
            sku: z.string(),
            price: moneySchema,
            holdExpiresAt: z.iso.datetime(),
          }),
          z.object({ outcome: z.enum(["unknown", "not-holding", "in-order"]) }),
        ])
        .nullable(),
    }),
  },
  /** All flash sales that are not over for long, for a service that builds its projection from nothing. */
  "inventory.plannedSales": {
    input: z.object({}),
    reply: z.object({ sales: z.array(plannedSale.extend({ version: z.int() })) }),
  },
  /** From staff: the progress of a rebuild of the search index. `begin` starts one unless one is under way. */
  "search.rebuild": {
    input: z.object({ begin: z.boolean() }),
    reply: z.object({
      isRunning: z.boolean(),
      products: z.int(),
      /** How many products the index has that answers meanwhile. */
      ofProducts: z.int(),
      skus: z.int(),
      /** Why the last one failed; null when it did not. */
      failure: z.string().nullable(),
    }),
  },
} as const;

/** The name of a request: `<callee>.<operation>`. */
export type RequestName = keyof typeof requests;
/** The input of a request. */
export type RequestInput<N extends RequestName> = z.infer<(typeof requests)[N]["input"]>;
/** The reply to a request. */
export type RequestReply<N extends RequestName> = z.infer<(typeof requests)[N]["reply"]>;
