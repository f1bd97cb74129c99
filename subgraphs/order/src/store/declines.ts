import { codedError, type Identity, type Tx } from "@shop/service";

/**
 * Declined payments within `windowS` after which the payer must wait for the window's end. Guests are known by their address
 * alone. Signed-in customers share it with others (an office, a mobile network), so they have a number of their own, and a
 * larger one of the address, which bounds who signs up again and again.
 */
export type DeclineLimits = {
  perAddress: number;
  perCustomer: number;
  perAddressSignedIn: number;
  windowS: number;
};

/** In force where the service is not configured otherwise. */
export const defaultDeclineLimits: DeclineLimits = {
  ...{ perAddress: 20, perCustomer: 20, perAddressSignedIn: 60 },
  windowS: 600,
};

/** Who pays: the keyed hash of their address, and the customer if they are signed in. */
export type Payer = { client?: string | null | undefined; customerId: string | null };

export function payerOf(identity: Identity): Payer {
  return { client: identity.client, customerId: identity.kind === "user" ? identity.userId : null };
}

/** Counts a declined payment for its payer; a window begins with the first. */
export async function countDecline({ sql }: Tx, payer: Payer, { windowS }: DeclineLimits): Promise<void> {
  const window = sql`${windowS} * interval '1 second'`;
  const keys = keysOf(payer).toSorted();
  if (keys.length === 0) return;
  await sql`
    with gone as (
      delete from declines where client = any(array(
        select client from declines where since < now() - ${window} and client <> all(${keys}) limit 100
        for update skip locked))
    )
    insert into declines as known (client, declined, since)
    select client, 1, now() from unnest(${keys}::text[]) as client
    on conflict (client) do update set
      declined = case when known.since < now() - ${window} then 1 else known.declined + 1 end,
      since = case when known.since < now() - ${window} then now() else known.since end`;
}

export type DeclinesAsked = { payer: Payer; limits: DeclineLimits };

/** Why a payer must wait before another payment, and for how long. */
export type DeclineWait = { seconds: number; of: "customer" | "address"; mayHelpToSignIn: boolean };

/** How long each payer must wait before they may try another payment; undefined where they may now. */
export async function declineWaits(
  { sql }: Tx,
  asked: readonly DeclinesAsked[],
): Promise<(DeclineWait | undefined)[]> {
  const [first] = asked;
  if (!first) return [];
  const { limits } = first;
  const keys = [...new Set(asked.flatMap(({ payer }) => keysOf(payer)))];
  const rows = await sql<{ client: string; declined: number; seconds: number }[]>`
    select client, declined, ceil(extract(epoch from since - now()) + ${limits.windowS})::int as seconds from declines
    where client = any(${keys}) and since > now() - ${limits.windowS} * interval '1 second'`;
  const known = new Map(rows.map((row) => [row.client, row]));
  return asked.map(({ payer: { client, customerId } }) => {
    const own = customerId === null ? undefined : known.get(customerKey(customerId));
    const ofAddress = client ? known.get(client) : undefined;
    const most = customerId === null ? limits.perAddress : limits.perAddressSignedIn;
    const waits: DeclineWait[] = [];
    if (ofAddress && ofAddress.declined >= most) {
      const mayHelpToSignIn = customerId === null && ofAddress.declined < limits.perAddressSignedIn;
      waits.push({ seconds: ofAddress.seconds, of: "address", mayHelpToSignIn });
    }
    if (own && own.declined >= limits.perCustomer) {
      waits.push({ seconds: own.seconds, of: "customer", mayHelpToSignIn: false });
    }
    return waits.toSorted((one, other) => other.seconds - one.seconds)[0];
  });
}

/** Throws RATE_LIMITED where so many payments of the payer, or from their address, were declined that they must wait. */
export function refuseCardTester(wait: DeclineWait | undefined): void {
  if (!wait) return;
  const { seconds, of, mayHelpToSignIn } = wait;
  const what = of === "customer" ? "Too many of your payments" : "Too many payments from your network";
  const orElse = mayHelpToSignIn ? ", or sign in and try again" : "";
  const message = `${what} were declined: try again in ${seconds} s${orElse}.`;
  throw codedError("RATE_LIMITED", message, { retryAfterSeconds: seconds });
}

/** Customers stand in the same table as addresses, whose hashes have no blanks. */
function keysOf({ client, customerId }: Payer): string[] {
  return [...(client ? [client] : []), ...(customerId === null ? [] : [customerKey(customerId)])];
}

function customerKey(customerId: string): string {
  return `customer ${customerId}`;
}
