import { earlierAnswer, idempotent, type Postgres, type Tx } from "@shop/service";
import type { UserError } from "../domain/cart.ts";
import { keyReused, type IdempotentCommand } from "./idempotency-record.ts";

/** The answer in the idempotency record of a customer's change: its cart, and the errors for which nothing was written. */
export type ChangeAnswer = { cartId: string; errors: UserError[] };

type Command = IdempotentCommand & { caller: string };

/** Runs the change in a transaction, once per key. A change with errors is rolled back and leaves the key unused. */
export async function idempotentChange(
  pg: Postgres,
  { caller, operation, key, input }: Command,
  change: (tx: Tx) => Promise<ChangeAnswer>,
): Promise<ChangeAnswer> {
  if (key === undefined) return await pg.transact(change);
  const answered = await idempotent(pg, { caller, operation, key, input }, async (tx) => {
    const answer = await change(tx);
    return { keep: answer.errors.length === 0, answer };
  });
  return answered.reused ? reused : answered.answer;
}

/** The answer of an earlier call under this key, read before any request to another service. */
export async function earlierChange(
  pg: Postgres,
  { caller, operation, key, input }: Command,
): Promise<ChangeAnswer | undefined> {
  if (key === undefined) return undefined;
  const earlier = await earlierAnswer<ChangeAnswer>(pg, { caller, operation, key, input });
  return earlier?.reused ? reused : earlier?.answer;
}

const reused: ChangeAnswer = { cartId: "", errors: [keyReused] };
