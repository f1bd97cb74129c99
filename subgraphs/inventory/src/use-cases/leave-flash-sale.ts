import { idempotent, keyReused, userError } from "@shop/service";
import { checkIdempotencyKey } from "@shop/values";
import type { Deps } from "../deps.ts";
import { leaveFlashSale as leave, type Left } from "../store/leave-flash-sale.ts";
import { findTicket, type TicketPayload } from "./ticket-payload.ts";

/** A customer gives up a place in the line, or a hold. Again, it changes nothing. */
export async function leaveFlashSale(
  deps: Deps,
  { ticketId, idempotencyKey: key }: { ticketId: string; idempotencyKey?: string | null | undefined },
  customerId: string,
): Promise<TicketPayload> {
  const keyErrors = checkIdempotencyKey(key);
  if (keyErrors.length > 0) return { ticket: null, flashSale: null, userErrors: keyErrors };
  if (!(await findTicket(deps, ticketId, customerId))) return unknownTicket;
  const work: Parameters<typeof idempotent<Left>>[2] = async (tx) => {
    const left = await leave(tx, ticketId, customerId);
    if (!left.refused) {
      const { saleId, changed: tickets, stock } = left;
      deps.changes.note(tx, { stock, flash: { saleId, isOver: false, tickets } });
    }
    return { keep: !left.refused, answer: left };
  };
  const claim = { caller: customerId, operation: "flashSaleLeave", key: key ?? "", input: { ticketId } };
  const answered = key
    ? await idempotent<Left>(deps.pg, claim, work)
    : { reused: false as const, ...(await deps.pg.transact(work)) };
  if (answered.reused) return { ticket: null, flashSale: null, userErrors: [keyReused] };
  const { refused } = answered.answer;
  if (refused === "UNKNOWN_TICKET") return unknownTicket;
  const ticket = (await findTicket(deps, ticketId, customerId)) ?? null;
  const flashSale = (ticket && (await deps.flash.find(ticket.saleId))) ?? null;
  const message = "The unit is in an order: cancel the order, and the next in line gets it.";
  return { ticket, flashSale, userErrors: refused ? [userError("CONFLICT", message, ["ticketId"])] : [] };
}

const unknownTicket: TicketPayload = {
  ticket: null,
  flashSale: null,
  userErrors: [userError("NOT_FOUND", "You have no such ticket.", ["ticketId"])],
};
