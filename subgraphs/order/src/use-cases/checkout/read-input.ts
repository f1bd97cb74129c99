import { addressPart, type PostalAddress } from "@shop/events";
import { userError, type UserError } from "@shop/service";
import { InvalidMoney, isText, type Money, parseMoney } from "@shop/values";
import { z } from "zod";
import type { CheckoutInput, ErrorCode } from "../../generated/resolvers.ts";

export type Refusal = UserError<ErrorCode>;

/** What the shopper wants, in a form that the rest can trust. */
export type Wish = {
  cartId: string;
  cartVersion: number | undefined;
  email: string | undefined;
  address: PostalAddress | undefined;
  addressId: string | undefined;
  shippingOptionId: string;
  paymentToken: string | null;
  expectedTotal: Money | undefined;
  idempotencyKey: string;
};

const id = z
  .string()
  .min(1, "expected an id")
  .max(200, "expected an id of at most 200 characters")
  .refine(isText, "expected text");

export const idempotencyKey = z
  .string()
  .min(1, "expected a key, such as a UUID")
  .max(200, "expected a key of at most 200 characters")
  .refine(isText, "expected text");

/** A provider's token; what looks like a card's number is refused before it can be kept anywhere. */
export const paymentMethod = z.object({
  token: z
    .string()
    .regex(/^[A-Za-z][\w-]{2,254}$/, "expected a token of the payment provider, such as pm_card_visa"),
});

const trimmed = <T>(value: T): T => (typeof value === "string" ? (value.trim() as T) : value);

const address = z.preprocess(
  (value) =>
    value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, trimmed(text)]))
      : value,
  addressPart,
);

const checkout = z.object({
  cartId: id,
  cartVersion: z.int().nonnegative("expected the version that the cart has told").nullish(),
  email: z.preprocess(
    trimmed,
    z
      .email("expected an e-mail address, such as ada@example.com")
      .max(254, "expected an e-mail address of at most 254 characters")
      .nullish(),
  ),
  shippingAddress: address.nullish(),
  addressId: id.nullish(),
  shippingOptionId: id,
  paymentMethod: paymentMethod.nullish(),
  expectedTotal: z.object({ amount: z.string(), currency: z.string() }).nullish(),
  idempotencyKey,
});

/** Reads the input of a checkout; all that is wrong with it comes back as data. */
export function readCheckout(input: CheckoutInput, isGuest: boolean): Wish | Refusal[] {
  const read = checkout.safeParse(input);
  if (!read.success) return refusalsOf(read.error, ["input"]);
  const { email, shippingAddress, addressId, expectedTotal, ...rest } = read.data;
  const wrong: Refusal[] = [];
  const refuse = (message: string, field: string) =>
    wrong.push(userError("INVALID_INPUT", message, ["input", field]));
  if (isGuest && !email) refuse("A guest must give an e-mail address.", "email");
  if (isGuest && addressId) refuse("Only a signed-in customer has an address book.", "addressId");
  if (shippingAddress && addressId) refuse("Give either an address or an address's id.", "addressId");
  if (!shippingAddress && !addressId) refuse("Say where to send it.", "shippingAddress");
  const total = readTotal(expectedTotal);
  if (typeof total === "string") refuse(total, "expectedTotal");
  if (wrong.length > 0 || typeof total === "string") return wrong;
  return {
    cartId: rest.cartId,
    cartVersion: rest.cartVersion ?? undefined,
    email: email ?? undefined,
    address: shippingAddress ?? undefined,
    addressId: addressId ?? undefined,
    shippingOptionId: rest.shippingOptionId,
    paymentToken: rest.paymentMethod?.token ?? null,
    expectedTotal: total,
    idempotencyKey: rest.idempotencyKey,
  };
}

/** Each thing that zod found wrong, at its field. */
export function refusalsOf(error: z.ZodError, at: readonly string[] = []): Refusal[] {
  return error.issues.map((issue) =>
    userError("INVALID_INPUT", `${issue.message}.`, [...at, ...issue.path.map(String)]),
  );
}

function readTotal(
  total: { amount: string; currency: string } | null | undefined,
): Money | string | undefined {
  try {
    return total ? parseMoney(total.amount, total.currency) : undefined;
  } catch (error) {
    if (error instanceof InvalidMoney) return error.message;
    throw error;
  }
}
