import { codedError, type Tx } from "@shop/service";
import type { Order } from "./domain/index.ts";

/** How many orders that nobody is paying each may hold, and how many declined payments an address may have. */
export type HoldLimits = {
  perCustomer: number;
  perEmail: number;
  perAddress: number;
  /** Declined payments from one address within `declinesWindowS` after which it must wait for the window's end. */
  declines: number;
  declinesWindowS: number;
};

/** In force where the service is not configured otherwise. */
export const defaultHoldLimits: HoldLimits = {
  ...{ perCustomer: 5, perEmail: 5, perAddress: 20 },
  ...{ declines: 20, declinesWindowS: 600 },
};

export type Holder = { orderId: string } & Pick<Order, "customerId" | "email" | "client">;

/**
 * Whether the order's customer, e-mail or address holds as many other unpaid orders as it may. Waits for whatever decides
 * on one of the three at the same moment, so that two can't both be the last one: ask within the transaction that holds.
 */
export async function holdsTooMany({ sql }: Tx, holder: Holder, limits: HoldLimits): Promise<boolean> {
  const { orderId, customerId, email, client = null } = holder;
  const [customer, byEmail] = [customerId, emailKey(email)];
  // Who is unknown is nobody's namesake: all guests would wait for each other.
  const known = { customer, email: byEmail, client };
  const names = Object.entries(known).flatMap(([kind, name]) => (name === null ? [] : [`${kind} ${name}`]));
  await sql`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended('held ' || name, 0) as key from unnest(${names}::text[]) as name order by 1
    ) as keys`;
  const [row] = await sql<{ customers: number; emails: number; clients: number }[]>`
    select
      (select count(*) from orders where is_held and customer_id = ${customer} and id <> ${orderId})::int as customers,
      (select count(*) from orders where is_held and email_key = ${byEmail} and id <> ${orderId})::int as emails,
      (select count(*) from orders where is_held and client = ${client} and id <> ${orderId})::int as clients`;
  const { customers = 0, emails = 0, clients = 0 } = row ?? {};
  return customers >= limits.perCustomer || emails >= limits.perEmail || clients >= limits.perAddress;
}

/** An e-mail as it is compared: in one normal form, and without what a "+" adds to a mailbox's name. */
export function emailKey(email: string): string {
  const normal = email.normalize("NFKC").trim().toLowerCase();
  const at = normal.lastIndexOf("@");
  return `${normal.slice(0, at).replace(/\+.*$/, "")}${normal.slice(at)}`;
}

/** Counts a declined payment for an address; a window begins with its first. */
export async function countDecline({ sql }: Tx, client: string, limits: HoldLimits): Promise<void> {
  const window = sql`${limits.declinesWindowS} * interval '1 second'`;
  await sql`
    with gone as (
      delete from declines where client = any(array(
        select client from declines where since < now() - ${window} and client <> ${client} limit 100
        for update skip locked))
    )
    insert into declines as known (client, declined, since) values (${client}, 1, now())
    on conflict (client) do update set
      declined = case when known.since < now() - ${window} then 1 else known.declined + 1 end,
      since = case when known.since < now() - ${window} then now() else known.since end`;
}

export type DeclinesAsked = { client: string; limits: HoldLimits };

/** The seconds that each address must wait before it may try another payment; 0 when it may now. */
export async function declineWaitsS({ sql }: Tx, asked: readonly DeclinesAsked[]): Promise<number[]> {
  const [first] = asked;
  if (!first) return [];
  const { declines, declinesWindowS } = first.limits;
  const clients = [...new Set(asked.map(({ client }) => client))];
  const rows = await sql<{ client: string; seconds: number }[]>`
    select client, ceil(extract(epoch from since - now()) + ${declinesWindowS})::int as seconds from declines
    where client = any(${clients}) and declined >= ${declines}`;
  const waits = new Map(rows.map(({ client, seconds }) => [client, Math.max(0, seconds)]));
  return asked.map(({ client }) => waits.get(client) ?? 0);
}

/** Throws RATE_LIMITED where so many payments from the caller's address were declined that it must wait. */
export function refuseCardTester(waitS: number): void {
  if (waitS === 0) return;
  const message = `Too many payments from here were declined: try another in ${waitS} s.`;
  throw codedError("RATE_LIMITED", message, { retryAfterSeconds: waitS });
}
