import type { RequestInput, RequestReply } from "@shop/events";
import type { Identity } from "@shop/service";
import type { Money } from "@shop/values";
import type { Deps } from "../deps.ts";

type Reply = RequestReply<"inventory.flashSales">;
type SaleRow = Reply["sales"][number];
type HoldRow = {
  status: string;
  orderId: string | null;
  saleId: string;
  sku: string;
  price: Money;
  holdExpiresAt: Date | null;
  isHeld: boolean;
};

/** Which of these SKUs need a ticket now, and what the calling customer's ticket holds: by the database's clock. */
export async function quoteFlashSales(
  { pg: { sql } }: Pick<Deps, "pg">,
  { skus, ticketId }: RequestInput<"inventory.flashSales">,
  identity: Identity,
): Promise<Reply> {
  // The latest sale of a SKU that has begun, else the next one, decides how the SKU sells while none runs.
  const sales = await sql<SaleRow[]>`
    select "saleId", sku, "isRunning" from (
      select distinct on (sku) id as "saleId", sku, outside_sale as outside,
        starts_at <= clock_timestamp() and ends_at > clock_timestamp() as "isRunning"
      from flash_sales where sku = any (${skus})
      order by sku, starts_at <= clock_timestamp() and ends_at > clock_timestamp() desc, starts_at desc
    ) latest where "isRunning" or outside = 'NOT_FOR_SALE'`;
  if (ticketId === undefined) return { sales: [...sales], ticket: null };
  if (identity.kind !== "user") return { sales: [...sales], ticket: { outcome: "unknown" } };
  const [held] = await sql<HoldRow[]>`
    select status, order_id as "orderId", sale_id as "saleId", sku, price, hold_expires_at as "holdExpiresAt",
      status = 'HOLDING' and hold_expires_at > clock_timestamp() as "isHeld"
    from flash_tickets ticket join flash_sales sale on sale.id = sale_id
    where ticket.id = ${ticketId} and customer_id = ${identity.userId}`;
  return { sales: [...sales], ticket: outcomeOf(held) };
}

/** Another customer's ticket is as unknown as one that does not exist. */
function outcomeOf(held: HoldRow | undefined): Reply["ticket"] {
  if (!held) return { outcome: "unknown" };
  if (held.status === "HOLDING" && held.orderId !== null) return { outcome: "in-order" };
  if (!held.isHeld || !held.holdExpiresAt) return { outcome: "not-holding" };
  const { saleId, sku, price, holdExpiresAt } = held;
  return { outcome: "holding", saleId, sku, price, holdExpiresAt: holdExpiresAt.toISOString() };
}
