import type { Tx } from "@shop/service";
import { normalEmail } from "@shop/values";
import type { Order } from "../domain/index.ts";

/** How many held and unpaid orders a signed-in customer, the guests of one e-mail, and a network address may have. */
export type UnpaidLimits = { perCustomer: number; perEmail: number; perAddress: number };

export const defaultUnpaidLimits: UnpaidLimits = { perCustomer: 5, perEmail: 5, perAddress: 20 };

export type Holder = Pick<Order, "id" | "customerId" | "email" | "client">;

/**
 * Whether the order's customer (of a guest's order: its e-mail) or address has as many other held and unpaid orders as
 * allowed. Guests may give any e-mail, so theirs count among guests alone and never against the customer with that e-mail.
 * Waits for the advisory locks of concurrent decisions on the same keys, so that two orders can't both be the last one:
 * call it within the transaction that holds the stock.
 */
export async function holdsTooMany({ sql }: Tx, holder: Holder, limits: UnpaidLimits): Promise<boolean> {
  const { id, customerId, email, client } = holder;
  const [customer, byEmail] = customerId === null ? [null, emailKey(email)] : [customerId, null];
  // An unknown holder has no lock: all guests would wait for each other.
  const known = { customer, email: byEmail, client };
  const names = Object.entries(known).flatMap(([kind, name]) => (name === null ? [] : [`${kind} ${name}`]));
  await sql`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended('held ' || name, 0) as key from unnest(${names}::text[]) as name order by 1
    ) as keys`;
  const [row] = await sql<{ customers: number; emails: number; clients: number }[]>`
    select
      (select count(*) from orders where is_held_unpaid and customer_id = ${customer} and id <> ${id})::int as customers,
      (select count(*) from orders where is_held_unpaid and email_key = ${byEmail}
        and customer_id is null and id <> ${id})::int as emails,
      (select count(*) from orders where is_held_unpaid and client = ${client} and id <> ${id})::int as clients`;
  const { customers = 0, emails = 0, clients = 0 } = row ?? {};
  return customers >= limits.perCustomer || emails >= limits.perEmail || clients >= limits.perAddress;
}

/** An e-mail in the form in which it is compared: one normal form, and without the "+…" of a mailbox's name. */
export function emailKey(email: string): string {
  // NFKC as well: letters of full width name the same mailbox.
  const normal = normalEmail(email.normalize("NFKC"));
  const at = normal.lastIndexOf("@");
  return `${normal.slice(0, at).replace(/\+.*$/, "")}${normal.slice(at)}`;
}
