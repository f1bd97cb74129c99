import { isCountry, isCurrency, isText } from "@shop/values";
import { z } from "zod";

/** Money as in `@shop/values`: whole minor units of a known currency. */
export const moneySchema = z.object({
  amount: z.int(),
  currency: z.string().refine(isCurrency, "unknown currency"),
});

const line = (name: string, longest: number, least = 0) => {
  const message = `${name} must have ${least > 0 ? `${least} to` : "at most"} ${longest} characters`;
  return z
    .string()
    .trim()
    .min(least, message)
    .max(longest, message)
    .refine(isText, `${name} has characters that can't be kept`);
};

/** A postal address: a copy, without identity. What people type is read by `readAddress` of `@shop/values`; a copy may be older than a rule. */
export const addressSchema = z.object({
  name: line("name", 200, 1),
  line1: line("line1", 200, 1),
  line2: line("line2", 200).nullish(),
  city: line("city", 200),
  region: line("region", 200).nullish(),
  postalCode: line("postalCode", 40),
  country: z.string().refine(isCountry, "country must be an ISO 3166-1 alpha-2 code such as DE"),
  phone: line("phone", 60).nullish(),
});

/** A postal address, as events and requests carry it. */
export type PostalAddress = z.infer<typeof addressSchema>;

/** The price of everything: `total` is subtotal − discount + shipping + tax. */
export const totalsSchema = z.object({
  subtotal: moneySchema,
  discount: moneySchema,
  shipping: moneySchema,
  tax: moneySchema,
  total: moneySchema,
});

/** A bought line, with title and price as they were quoted. */
export const orderLineSchema = z.object({
  lineId: z.string(),
  variantId: z.string(),
  productId: z.string(),
  sku: z.string(),
  title: z.string(),
  imageUrl: z.string().nullable(),
  quantity: z.int().positive(),
  unitPrice: moneySchema,
  lineTotal: moneySchema,
  weightGrams: z.int().nonnegative(),
});

/** A bought line. */
export type OrderLinePart = z.infer<typeof orderLineSchema>;

/** Units of one line that one warehouse sends. */
export const allocationSchema = z.object({
  warehouseCode: z.string(),
  warehouseCountry: z.string(),
  lineId: z.string(),
  sku: z.string(),
  quantity: z.int().positive(),
});

/** Units of one line that one warehouse sends. */
export type Allocation = z.infer<typeof allocationSchema>;
