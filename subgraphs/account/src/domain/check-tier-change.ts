import { checkIdempotencyKey, isText, normalEmail, userError } from "@shop/values";
import type { UserError } from "./user-error.ts";

/** Which line a customer stands in where a flash sale serves two. */
export type Tier = "STANDARD" | "VIP";

/** The command of staff: the tier of a customer, who is named by id or e-mail. */
export type TierChange = {
  userId?: string | null | undefined;
  email?: string | null | undefined;
  tier: Tier;
  reason: string;
  idempotencyKey: string;
};

/** The customer and the reason in their normal form, or what is wrong with the input. */
export function checkTierChange(
  change: TierChange,
): { who: { id: string } | { email: string }; reason: string } | UserError {
  const { userId, email } = change;
  const reason = change.reason.normalize("NFC").trim();
  if (reason === "" || reason.length > 500 || !isText(reason))
    return userError("INVALID_INPUT", "Give the reason in 1 to 500 characters.", ["input", "reason"]);
  const [badKey] = checkIdempotencyKey(change.idempotencyKey, ["input", "idempotencyKey"]);
  if (badKey) return badKey;
  if (typeof userId === "string" && typeof email !== "string") return { who: { id: userId }, reason };
  if (typeof email === "string" && typeof userId !== "string")
    return { who: { email: normalEmail(email) }, reason };
  const got = typeof userId === "string" ? "both" : "neither";
  return userError("INVALID_INPUT", `Name the customer by userId or by email, got ${got}.`, ["input"]);
}
