import { createHash } from "node:crypto";
import { userError, type UserError } from "@shop/values";
import type { Postgres, Tx } from "./transaction.ts";

/** The entry of `userErrors` for a key that comes back with another input. */
export const keyReused: UserError<"IDEMPOTENCY_KEY_REUSED"> = userError(
  "IDEMPOTENCY_KEY_REUSED",
  "This idempotency key was used before with another input. Use a new key for a new request.",
  ["idempotencyKey"],
);

/**
 * One use of a key: who (a user's id; for guests the cart or order), which mutation, under which key, with what input. An
 * `answer` that is known beforehand, and that the work must give if it is to be kept, is written with the claim.
 */
export type Claim<Answer = unknown> = {
  caller: string;
  operation: string;
  key: string;
  input: unknown;
  answer?: Answer;
};

/** The answer, and whether it is the first call's; or that the key was used before with another input. */
export type Answered<Answer> = { reused: false; answer: Answer; replayed: boolean } | { reused: true };

type Row<Answer> = { input_hash: string; answer: Answer | null };

/**
 * Does the work once per claim: the same key with the same input gets the first answer again, for 7 days. Two at once:
 * the second waits for the first. `keep: false` rolls everything back and leaves the key unused. Another input under the same
 * key does nothing and answers `reused`.
 */
export async function idempotent<Answer>(
  pg: Pick<Postgres, "transact">,
  claim: Claim<Answer>,
  work: (tx: Tx) => Promise<{ keep: boolean; answer: Answer }>,
): Promise<Answered<Answer>> {
  const hash = inputHash(claim.input);
  try {
    return await pg.transact(async (tx) => {
      const mine = await tx.batch(take, { ...claim, hash });
      if (!mine) {
        const [row] = await tx.sql<Row<Answer>[]>`
          select input_hash, answer from idempotency
          where caller = ${claim.caller} and operation = ${claim.operation} and key = ${claim.key}`;
        return replay(row, hash);
      }
      const { keep, answer } = await work(tx);
      if (!keep) throw new Discarded(answer);
      if (claim.answer === undefined) {
        await tx.sql`
          update idempotency set answer = ${tx.sql.json(answer as never)}
          where caller = ${claim.caller} and operation = ${claim.operation} and key = ${claim.key}`;
      }
      return { reused: false, answer, replayed: false };
    });
  } catch (error) {
    if (error instanceof Discarded) return { reused: false, answer: error.answer as Answer, replayed: false };
    throw error;
  }
}

/**
 * Inserts the keys; blocks on a concurrent holder of the same key. True for those inserted now: of the same claim twice in one
 * transaction the first one, which alone is sent, since Postgres may take either of two rows that it sorts alike.
 */
async function take({ sql }: Tx, claims: readonly (Claim & { hash: string })[]): Promise<boolean[]> {
  const firsts = new Map(claims.toReversed().map((claim) => [nameOf(claim), claim]));
  const rows = [...firsts.values()].map(({ caller, operation, key, hash, answer }) => {
    return { caller, operation, key, hash, answer };
  });
  const taken = await sql<Named[]>`
    insert into idempotency (caller, operation, key, input_hash, answer)
    select caller, operation, key, hash, answer from jsonb_to_recordset(${sql.json(rows as never)})
      as claim (caller text, operation text, key text, hash text, answer jsonb)
    order by caller, operation, key
    on conflict do nothing returning caller, operation, key`;
  const mine = new Set(taken.map((one) => firsts.get(nameOf(one))));
  return claims.map((claim) => mine.has(claim));
}

type Named = Pick<Claim, "caller" | "operation" | "key">;

function nameOf({ caller, operation, key }: Named): string {
  return JSON.stringify([caller, operation, key]);
}

/** The first call's answer under this claim, read before costly work; undefined when the key is new. */
export async function earlierAnswer<Answer>(
  pg: Pick<Postgres, "sql">,
  claim: Claim,
): Promise<Answered<Answer> | undefined> {
  const [row] = await pg.sql<Row<Answer>[]>`
    select input_hash, answer from idempotency
    where caller = ${claim.caller} and operation = ${claim.operation} and key = ${claim.key}`;
  return row && replay(row, inputHash(claim.input));
}

/** A digest of an input that doesn't depend on the order of its keys, nor on whether what is left out is sent as null. */
export function inputHash(input: unknown): string {
  return createHash("sha256").update(JSON.stringify(input, inKeyOrder)).digest("base64url");
}

class Discarded extends Error {
  readonly answer: unknown;
  constructor(answer: unknown) {
    super("refused before anything was written");
    this.answer = answer;
  }
}

function replay<Answer>(row: Row<Answer> | undefined, hash: string): Answered<Answer> {
  // Without an answer the row is of another member of this group commit: the work runs again alone, and waits for it.
  if (!row || row.answer === null) throw new Error("an idempotency row was read before it was whole");
  return row.input_hash === hash ? { reused: false, answer: row.answer, replayed: true } : { reused: true };
}

function inKeyOrder(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const given = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  return Object.fromEntries(given.sort(([one], [other]) => (one < other ? -1 : 1)));
}
