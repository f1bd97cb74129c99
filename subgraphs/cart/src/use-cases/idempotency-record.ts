import { createHash } from "node:crypto";
import { isUuid, userError } from "@shop/values";
import type { UserError } from "../domain/cart.ts";
import type { IdempotencyRecord } from "../store/guest-carts.ts";

/** A mutation under an idempotency key, if the client sent one. */
export type IdempotentCommand = { operation: string; key: string | undefined; input: unknown };

const recordTtlS = 7 * 24 * 3600;

/** A guest's key for a new cart must be a UUID: guests share one namespace of keys, in which keys must not collide. */
export function checkGuestKey(key: string | undefined, field: string[]): UserError[] {
  if (key === undefined || isUuid(key)) return [];
  return [userError("INVALID_INPUT", "A guest's key must be a UUID.", field)];
}

/** The record of a guest's new cart, under a Redis key of its own: hash of the input, id of the cart. */
export function recordOfNewCart(
  { operation, key, input }: IdempotentCommand,
  cartId: string,
): IdempotencyRecord | undefined {
  if (key === undefined) return undefined;
  const name = digest(["anonymous", operation, key]);
  return { key: `cart:key:${name}`, value: `${digest(input)} ${cartId}`, ttlS: recordTtlS };
}

/**
 * The record of a change of a guest cart. It belongs to the cart, not to the caller, and moves with a claimed cart: a replay
 * is recognised also when the caller has signed in since the first call.
 */
export function recordInCart({ operation, key, input }: IdempotentCommand): IdempotencyRecord | undefined {
  if (key === undefined) return undefined;
  return { key: `key:${digest([operation, key])}`, value: `${digest(input)} -`, ttlS: null };
}

/** The cart of the first call under this key; undefined when its input differed. */
export function replayOf(recorded: string, record: { value: string }): string | undefined {
  const [hash, cartId] = recorded.split(" ");
  return hash === record.value.split(" ")[0] ? cartId : undefined;
}

export const keyReused: UserError = userError(
  "IDEMPOTENCY_KEY_REUSED",
  "This key was used before with other input.",
  ["idempotencyKey"],
);

// 132 bits: each change with a key keeps a record in Redis' memory for a week.
const digest = (value: unknown) =>
  createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 22);
