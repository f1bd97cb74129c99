import type { Tx } from "@shop/service";
import { normalEmail } from "@shop/values";
import type { Order } from "../domain/index.ts";

/** How many orders that nobody is paying each may hold: a signed-in customer, guests of one e-mail, and an address. */
export type HoldLimits = { perCustomer: number; perEmail: number; perAddress: number };

/** In force where the service is not configured otherwise. */
export const defaultHoldLimits: HoldLimits = { perCustomer: 5, perEmail: 5, perAddress: 20 };

export type Holder = { orderId: string } & Pick<Order, "customerId" | "email" | "client">;

/**
 * Whether the order's customer (of a guest's order: its e-mail) or address holds as many other unpaid orders as it may. Guests
 * may name any e-mail, so theirs count among guests alone and never against the customer whose e-mail it is. Waits for
 * whatever decides on one of these at the same moment, so that two can't both be the last one: ask within the transaction
 * that holds.
 */
export async function holdsTooMany({ sql }: Tx, holder: Holder, limits: HoldLimits): Promise<boolean> {
  const { orderId, customerId, email, client = null } = holder;
  const [customer, byEmail] = customerId === null ? [null, emailKey(email)] : [customerId, null];
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
      (select count(*) from orders where is_held and email_key = ${byEmail}
        and customer_id is null and id <> ${orderId})::int as emails,
      (select count(*) from orders where is_held and client = ${client} and id <> ${orderId})::int as clients`;
  const { customers = 0, emails = 0, clients = 0 } = row ?? {};
  return customers >= limits.perCustomer || emails >= limits.perEmail || clients >= limits.perAddress;
}

/** An e-mail as it is compared: in one normal form, and without what a "+" adds to a mailbox's name. */
export function emailKey(email: string): string {
  // NFKC besides: letters of full width are the same mailbox, and were so before there was `normalEmail`.
  const normal = normalEmail(email.normalize("NFKC"));
  const at = normal.lastIndexOf("@");
  return `${normal.slice(0, at).replace(/\+.*$/, "")}${normal.slice(at)}`;
}
