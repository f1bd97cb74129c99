import { earlierAnswer, idempotent, IdempotencyKeyReused, type Postgres, type Tx } from "@shop/service";
import type { Refusal } from "./domain/cart.ts";
import { keyReused, type Repeatable } from "./idempotency.ts";

/** Which cart a change was about, and what was refused; kept under the caller's key. */
export type Outcome = { cartId: string; refusals: Refusal[] };

type Claim = Repeatable & { caller: string };

/** Runs the change in a transaction: once a key, if there is one. What is refused leaves no trace and doesn't use the key up. */
export async function onceInPostgres(
  pg: Postgres,
  { caller, operation, key, input }: Claim,
  change: (tx: Tx) => Promise<Outcome>,
): Promise<Outcome> {
  if (key === undefined) return await pg.transact(change);
  return await orReused(async () => {
    const { answer } = await idempotent(pg, { caller, operation, key, input }, async (tx) => {
      const outcome = await change(tx);
      return { keep: outcome.refusals.length === 0, answer: outcome };
    });
    return answer;
  });
}

/** What an earlier call with this key led to, for a look before anything is asked of others. */
export async function earlierOutcome(pg: Postgres, ask: Claim): Promise<Outcome | undefined> {
  const { caller, operation, key, input } = ask;
  if (key === undefined) return undefined;
  return await orReused(() => earlierAnswer<Outcome>(pg, { caller, operation, key, input }));
}

async function orReused<T>(act: () => Promise<T>): Promise<T | Outcome> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof IdempotencyKeyReused) return { cartId: "", refusals: [keyReused] };
    throw error;
  }
}
