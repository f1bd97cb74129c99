import type { EventData } from "@shop/events";
import type { Tx } from "@shop/service";

/** Writes a customer's tier; false if a newer one is known. */
export async function upsertTier(
  { sql }: Tx,
  { userId, tier }: EventData<"UserTierChanged">,
  version: number,
): Promise<boolean> {
  const written = await sql`
    insert into customer_tiers as known (customer_id, tier, version) values (${userId}, ${tier}, ${version})
    on conflict (customer_id) do update set tier = excluded.tier, version = excluded.version
    where known.version < excluded.version`;
  return written.count > 0;
}
