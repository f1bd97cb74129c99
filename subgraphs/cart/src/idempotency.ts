import { createHash } from "node:crypto";
import { isUuid } from "@shop/values";
import type { Refusal } from "./domain/cart.ts";

/** What a client says to be able to say it again. */
export type Repeatable = { operation: string; key: string | undefined; input: unknown };

const recordLifeS = 7 * 24 * 3600;
const maxKeyLength = 200;

export function refuseKey(key: string | undefined, field: string[]): Refusal[] {
  if (key === undefined || (key.length > 0 && key.length <= maxKeyLength)) return [];
  return [{ code: "INVALID_INPUT", message: `A key has 1 to ${maxKeyLength} characters.`, field }];
}

/** Keys of a caller without a name of their own must not meet by chance. */
export function refuseAnonymousKey(key: string | undefined, field: string[]): Refusal[] {
  if (key === undefined || isUuid(key)) return [];
  return [{ code: "INVALID_INPUT", message: "A guest's key must be a UUID.", field }];
}

/** The record of a guest's new cart: it tells whether the input was the same, and which cart it was about. */
export function receiptOf(caller: string, { operation, key, input }: Repeatable, cartId: string) {
  if (key === undefined) return undefined;
  const name = digest([caller, operation, key]);
  return { key: `cart:key:${name}`, value: `${digest(input)} ${cartId}`, lifeS: recordLifeS };
}

/**
 * The record of a change of a guest's cart. It belongs to the cart, whoever changes it, and stays with it when a customer
 * claims it: so who signs in between a call and its repetition is still known by the key.
 */
export function receiptInCart({ operation, key, input }: Repeatable) {
  if (key === undefined) return undefined;
  return { key: `key:${digest([operation, key])}`, value: `${digest(input)} -`, lifeS: null };
}

/** The cart that an earlier call with this key was about; undefined when its input was another. */
export function replayOf(recorded: string, receipt: { value: string }): string | undefined {
  const [hash, cartId] = recorded.split(" ");
  return hash === receipt.value.split(" ")[0] ? cartId : undefined;
}

export const keyReused: Refusal = {
  code: "IDEMPOTENCY_KEY_REUSED",
  message: "This key was used before with other input.",
  field: ["idempotencyKey"],
};

// 132 bits: each change with a key leaves a record in Redis' memory for a week.
const digest = (value: unknown) =>
  createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 22);
