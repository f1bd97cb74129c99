import type { PostalAddress } from "@shop/events";
import { userError, type UserError } from "@shop/service";
import {
  InvalidMoney,
  isEmail,
  isText,
  type Money,
  normalEmail,
  normalText,
  parseMoney,
  readAddress,
} from "@shop/values";
import { z } from "zod";
import type { CheckoutInput, ErrorCode } from "../../generated/resolvers.ts";
import { idempotencyKey, inputErrors, paymentMethod } from "../read-input.ts";

const id = z
  .string()
  .min(1, "expected an id")
  .max(200, "expected an id of at most 200 characters")
  .refine(isText, "expected text");

/** An address by the rules of its country; the errors stand at its fields. */
const postalAddress = z.record(z.string(), z.unknown()).transform((given, context): PostalAddress => {
  const { address, errors } = readAddress(given);
  if (address) return address;
  for (const { field, message } of errors)
    context.addIssue({ code: "custom", path: [field], message: message.replace(/\.$/, "") });
  return z.NEVER;
});

const form = z.object({
  cartId: id,
  cartVersion: z.int().nonnegative("expected the version of the cart").nullish(),
  email: z
    .string()
    .transform(normalText)
    .refine(
      (text) => isEmail(normalEmail(text)),
      "expected an e-mail address of at most 254 characters, such as ada@example.com",
    )
    .nullish(),
  shippingAddress: postalAddress.nullish(),
  addressId: id.nullish(),
  shippingOptionId: id,
  flashSaleTicketId: id.nullish(),
  paymentMethod: paymentMethod.nullish(),
  expectedTotal: z.object({ amount: z.string(), currency: z.string() }).nullish(),
  idempotencyKey,
});

/** The validated checkout input. */
export type CheckoutCommand = Omit<
  z.infer<typeof form>,
  "shippingAddress" | "paymentMethod" | "expectedTotal"
> & {
  address: PostalAddress | null | undefined;
  paymentToken: string | null;
  expectedTotal: Money | undefined;
};

/** Validates the input of a checkout; its errors are answered as data, all at once. */
export function readCheckout(
  input: CheckoutInput,
  isGuest: boolean,
): CheckoutCommand | UserError<ErrorCode>[] {
  const read = form.safeParse(input);
  if (!read.success) return inputErrors(read.error, ["input"]);
  const { shippingAddress: address, paymentMethod: method, expectedTotal, ...rest } = read.data;
  const { email, addressId } = rest;
  const errors: UserError<ErrorCode>[] = [];
  const refuse = (message: string, field: string) =>
    errors.push(userError("INVALID_INPUT", message, ["input", field]));
  if (isGuest && !email) refuse("A guest must give an e-mail address.", "email");
  if (isGuest && rest.flashSaleTicketId)
    refuse("Only a signed-in customer has a flash-sale ticket.", "flashSaleTicketId");
  if (isGuest && addressId) refuse("Only a signed-in customer has an address book.", "addressId");
  if (address && addressId) refuse("Give either an address or an address's id.", "addressId");
  if (!address && !addressId) refuse("Say where to send it.", "shippingAddress");
  const total = readTotal(expectedTotal);
  if (typeof total === "string") refuse(total, "expectedTotal");
  if (errors.length > 0 || typeof total === "string") return errors;
  return { ...rest, address, paymentToken: method?.token ?? null, expectedTotal: total };
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
