import { codedError, type Identity, type Tx } from "@shop/service";
import type { declines } from "../tables.ts";

/**
 * Declined payments within `windowS` after which the payer must wait for the window's end. A guest is known by the network
 * address alone. Signed-in customers share an address with others (an office, a mobile network), so they have a limit of
 * their own, and a larger one of the address, which bounds callers who sign up repeatedly.
 */
export type DeclineLimits = {
  perAddress: number;
  perCustomer: number;
  perAddressSignedIn: number;
  windowS: number;
};

export const defaultDeclineLimits: DeclineLimits = {
  ...{ perAddress: 20, perCustomer: 20, perAddressSignedIn: 60 },
  windowS: 600,
};

/** The keyed hash of the payer's network address, and the customer if signed in. */
export type Payer = { client?: string | null | undefined; customerId: string | null };

export function payerOf(identity: Identity): Payer {
  return { client: identity.client, customerId: identity.kind === "user" ? identity.userId : null };
}

/** Counts a declined payment for its payer; the first begins a window. Deletes up to 100 windows that have ended. */
export async function countDecline({ sql }: Tx, payer: Payer, { windowS }: DeclineLimits): Promise<void> {
  const window = sql`${windowS} * interval '1 second'`;
  const keys = keysOf(payer).toSorted();
  if (keys.length === 0) return;
  await sql`
    with ended as (
      delete from declines where payer_key = any(array(
        select payer_key from declines where since < now() - ${window} and payer_key <> all(${keys}) limit 100
        for update skip locked))
    )
    insert into declines as known (payer_key, declined, since)
    select key, 1, now() from unnest(${keys}::text[]) as key
    on conflict (payer_key) do update set
      declined = case when known.since < now() - ${window} then 1 else known.declined + 1 end,
      since = case when known.since < now() - ${window} then now() else known.since end`;
}

type LimitedPayer = { payer: Payer; limits: DeclineLimits };

/** Whose limit a payer has reached, and how long the payer must wait before another attempt. */
export type DeclineWait = { seconds: number; of: "customer" | "address"; mayHelpToSignIn: boolean };

/** How long each payer must wait before another attempt; undefined without a wait. */
export async function declineWaits(
  { sql }: Tx,
  payers: readonly LimitedPayer[],
): Promise<(DeclineWait | undefined)[]> {
  const [first] = payers;
  if (!first) return [];
  const { limits } = first;
  const keys = [...new Set(payers.flatMap(({ payer }) => keysOf(payer)))];
  const rows = await sql<(Omit<typeof declines.$inferSelect, "since"> & { seconds: number })[]>`
    select payer_key as "payerKey", declined, ceil(extract(epoch from since - now()) + ${limits.windowS})::int as seconds from declines
    where payer_key = any(${keys}) and since > now() - ${limits.windowS} * interval '1 second'`;
  const known = new Map(rows.map((row) => [row.payerKey, row]));
  return payers.map(({ payer: { client, customerId } }) => {
    const own = customerId === null ? undefined : known.get(customerKey(customerId));
    const ofAddress = client ? known.get(client) : undefined;
    const limit = customerId === null ? limits.perAddress : limits.perAddressSignedIn;
    const waits: DeclineWait[] = [];
    if (ofAddress && ofAddress.declined >= limit) {
      const mayHelpToSignIn = customerId === null && ofAddress.declined < limits.perAddressSignedIn;
      waits.push({ seconds: ofAddress.seconds, of: "address", mayHelpToSignIn });
    }
    if (own && own.declined >= limits.perCustomer) {
      waits.push({ seconds: own.seconds, of: "customer", mayHelpToSignIn: false });
    }
    return waits.toSorted((one, other) => other.seconds - one.seconds)[0];
  });
}

/** Throws RATE_LIMITED for a payer who must wait: a defence against testers of stolen cards. */
export function refuseTooManyDeclines(wait: DeclineWait | undefined): void {
  if (!wait) return;
  const { seconds, of, mayHelpToSignIn } = wait;
  const what = of === "customer" ? "Too many of your payments" : "Too many payments from your network";
  const orElse = mayHelpToSignIn ? ", or sign in and try again" : "";
  const message = `${what} were declined: try again in ${seconds} s${orElse}.`;
  throw codedError("RATE_LIMITED", message, { retryAfterSeconds: seconds });
}

/** Customers share the table with addresses, whose hashes have no blanks. */
function keysOf({ client, customerId }: Payer): string[] {
  return [...(client ? [client] : []), ...(customerId === null ? [] : [customerKey(customerId)])];
}

function customerKey(customerId: string): string {
  return `customer ${customerId}`;
}
