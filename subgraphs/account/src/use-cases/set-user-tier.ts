import { event, idempotent, keyReused, userError } from "@shop/service";
import type { Deps } from "../deps.ts";
import { checkTierChange, type TierChange } from "../domain/check-tier-change.ts";
import type { UserError } from "../domain/user-error.ts";
import type { User } from "../store.ts";

/** Sets a customer's tier, records who did it and why, and publishes UserTierChanged; once for each key. */
export async function setUserTier(
  { pg, store }: Pick<Deps, "pg" | "store">,
  changedBy: string,
  input: TierChange,
): Promise<{ user: User | null; userErrors: UserError[] }> {
  const checked = checkTierChange(input);
  if (!("who" in checked)) return { user: null, userErrors: [checked] };
  const { who, reason } = checked;
  const { tier, idempotencyKey: key, ...customer } = input;
  const claim = { caller: changedBy, operation: "userTierSet", key, input: { ...customer, tier } };
  const answered = await idempotent<{ userId?: string }>(pg, claim, async (tx) => {
    const user = await store.lockUser(tx, who);
    if (!user) return { keep: false, answer: {} };
    if (user.tier !== tier) {
      const version = await store.changeTier(tx, user, { tier, reason, changedBy });
      tx.publish(
        event("UserTierChanged", { aggregateId: user.id, version, data: { userId: user.id, tier } }),
      );
    }
    return { keep: true, answer: { userId: user.id } };
  });
  if (answered.reused) return { user: null, userErrors: [reused] };
  const { userId } = answered.answer;
  const user = userId === undefined ? undefined : await store.findUser(userId);
  return user ? { user, userErrors: [] } : { user: null, userErrors: [unknownCustomer] };
}

const reused: UserError = { ...keyReused, field: ["input", "idempotencyKey"] };
const unknownCustomer = userError("NOT_FOUND", "There is no customer of this id or e-mail.", ["input"]);
