import { badInput, notFound } from "@shop/service";
import { decodeCursor, encodeCursor, isText } from "@shop/values";
import type { Deps } from "../deps.ts";
import { findTicket } from "../use-cases/ticket-payload.ts";
import type { StockView } from "./stock-live.ts";
import type { TicketView } from "./ticket-followers.ts";

/** SKUs of one subscription. */
const maxSkus = 100;

/** The customer's own ticket as it stands, then each change; after a cursor only what came later. */
export async function followTicket(
  deps: Pick<Deps, "loaders" | "flash">,
  { ticketId, after }: { ticketId: string; after?: string | null | undefined },
  customerId: string,
): Promise<AsyncIterableIterator<TicketView>> {
  const ticket = await findTicket(deps, ticketId, customerId);
  if (!ticket) throw notFound("You have no such ticket.", ["ticketId"]);
  if (!after) return deps.flash.follow(ticket, ticket.counter - 1, null);
  const [of, counter, position] = decodeCursor(after, ["string", "number", "number"]);
  const isOurs = of === ticketId && Number.isInteger(counter) && Number(counter) >= 1;
  if (!isOurs || Number(counter) > ticket.counter)
    throw badInput(`"after" must be a cursor that this subscription gave.`, ["after"]);
  return deps.flash.follow(ticket, Number(counter), Number(position) > 0 ? Number(position) : null);
}

/** Where a subscriber stands: the ticket's step, and its place in the line. */
export function ticketCursor(
  { id, counter }: Pick<TicketView, "id" | "counter">,
  position: number | null,
): string {
  return encodeCursor([id, counter, position ?? 0]);
}

/** The stock of SKUs as it stands now, then each change. */
export function followStock(
  { stock }: Pick<Deps, "stock">,
  skus: readonly string[],
): AsyncIterableIterator<StockView> {
  const distinct = [...new Set(skus)];
  if (distinct.length === 0 || distinct.length > maxSkus)
    throw badInput(`Give 1 to ${maxSkus} SKUs, got ${distinct.length}.`, ["skus"]);
  if (!distinct.every(isText)) throw badInput("A SKU has characters that can't be kept.", ["skus"]);
  return stock.follow(distinct);
}
