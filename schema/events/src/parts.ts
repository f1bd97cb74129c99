import { isCountry, isCurrency } from "@shop/values";
import { z } from "zod";

/** Money as in `@shop/values`: whole minor units of a known currency. */
export const moneyPart = z.object({
  amount: z.int(),
  currency: z.string().refine(isCurrency, "unknown currency"),
});

/** A postal address: a copy, without identity. */
export const addressPart = z.object({
  name: z.string().min(1).max(200),
  line1: z.string().min(1).max(200),
  line2: z.string().max(200).nullish(),
  city: z.string().min(1).max(200),
  region: z.string().max(200).nullish(),
  postalCode: z.string().min(1).max(40),
  country: z.string().refine(isCountry, "expected an ISO 3166-1 alpha-2 code such as DE"),
  phone: z.string().max(60).nullish(),
});

/** A postal address, as events and requests carry it. */
export type PostalAddress = z.infer<typeof addressPart>;

/** The price of everything: `total` is subtotal − discount + shipping + tax. */
export const totalsPart = z.object({
  subtotal: moneyPart,
  discount: moneyPart,
  shipping: moneyPart,
  tax: moneyPart,
  total: moneyPart,
});

/** A bought line, with title and price as they were quoted. */
export const orderLinePart = z.object({
  lineId: z.string(),
  variantId: z.string(),
  productId: z.string(),
  sku: z.string(),
  title: z.string(),
  imageUrl: z.string().nullable(),
  quantity: z.int().positive(),
  unitPrice: moneyPart,
  lineTotal: moneyPart,
  weightGrams: z.int().nonnegative(),
});

/** A bought line. */
export type OrderLinePart = z.infer<typeof orderLinePart>;

/** Units of one line that one warehouse sends. */
export const allocationPart = z.object({
  warehouseCode: z.string(),
  warehouseCountry: z.string(),
  lineId: z.string(),
  sku: z.string(),
  quantity: z.int().positive(),
});

/** Units of one line that one warehouse sends. */
export type Allocation = z.infer<typeof allocationPart>;
