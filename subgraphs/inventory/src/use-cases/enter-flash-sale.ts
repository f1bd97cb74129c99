import { inputHash, keyReused, notFound, userError, type UserError } from "@shop/service";
import { checkIdempotencyKey, newId } from "@shop/values";
import type { Deps } from "../deps.ts";
import { maxUnboughtTickets } from "../domain/flash-sale.ts";
import type { EntryAnswer } from "../store/enter-flash-sale.ts";
import { findTicket, type TicketPayload } from "./ticket-payload.ts";

/** An entry so long before the start is refused without a statement; a nearer one by the database's clock. */
const earlyMs = 1_000;

/** A customer enters a sale: past the gate, then in a batch with the others that came at the same time. */
export async function enterFlashSale(
  deps: Deps,
  { flashSaleId, idempotencyKey }: { flashSaleId: string; idempotencyKey: string },
  customerId: string,
): Promise<TicketPayload> {
  const { flash, gate, entries } = deps;
  const keyErrors = checkIdempotencyKey(idempotencyKey);
  if (keyErrors.length > 0) return { ticket: null, flashSale: null, userErrors: keyErrors };
  const sale = isSaleId(flashSaleId) ? await flash.find(flashSaleId) : undefined;
  if (!sale) {
    const error = userError("NOT_FOUND", "There is no such flash sale.", ["flashSaleId"]);
    return { ticket: null, flashSale: null, userErrors: [error] };
  }
  const refuse = (
    ...userErrors: UserError<
      "SALE_NOT_RUNNING" | "SALE_SOLD_OUT" | "QUANTITY_LIMIT" | "IDEMPOTENCY_KEY_REUSED"
    >[]
  ) => ({ ticket: null, flashSale: sale, userErrors }) satisfies TicketPayload;
  const now = flash.sales.now();
  if (now.getTime() < sale.startsAt.getTime() - earlyMs)
    return refuse(notRunning(sale.startsAt, sale.endsAt, now));
  const admission = await gate.admit(flashSaleId, customerId);
  if (admission === "full") {
    return refuse(now >= sale.endsAt ? notRunning(sale.startsAt, sale.endsAt, now) : soldOut);
  }
  const hash = inputHash({ flashSaleId });
  const answer = await entries.enter(flashSaleId, {
    customerId,
    ticketId: newId("flt"),
    key: idempotencyKey,
    hash,
  });
  if (answer.refused) {
    const error = refusalOf(answer.refused, sale, flash.sales.now());
    return refuse(error);
  }
  const ticket = await findTicket(deps, answer.ticketId, customerId);
  if (!ticket) throw notFound("There is no such ticket.");
  return { ticket, flashSale: sale, userErrors: [] };
}

/** Any other text that a client gives as an id is no sale's, and may contain what Postgres refuses as text. */
export function isSaleId(text: string): boolean {
  return /^sale_\w{1,60}$/.test(text);
}

function refusalOf(
  refused: NonNullable<EntryAnswer["refused"]>,
  { startsAt, endsAt, perCustomerLimit }: { startsAt: Date; endsAt: Date; perCustomerLimit: number },
  now: Date,
) {
  switch (refused) {
    case "KEY_REUSED":
      return keyReused;
    case "SOLD_OUT":
      return soldOut;
    case "NOT_RUNNING":
      return notRunning(startsAt, endsAt, now);
    case "LIMIT":
      return userError(
        "QUANTITY_LIMIT",
        `One customer may buy ${perCustomerLimit} of this sale, and you have: leave the others to others.`,
      );
    case "TOO_MANY_TICKETS":
      return userError(
        "QUANTITY_LIMIT",
        `You have had ${maxUnboughtTickets} tickets of this sale without buying, and there are no more for one customer.`,
      );
  }
}

const soldOut = userError(
  "SALE_SOLD_OUT",
  "No unit is free, and so many wait already that there is nothing to hope for. Should units come back, the sale shows RUNNING again.",
);

function notRunning(startsAt: Date, endsAt: Date, now: Date): UserError<"SALE_NOT_RUNNING"> {
  const message =
    now < startsAt
      ? `The sale begins at ${startsAt.toISOString()}: enter then.`
      : now >= endsAt
        ? `The sale ended at ${endsAt.toISOString()}.`
        : `The sale runs from ${startsAt.toISOString()} to ${endsAt.toISOString()}: enter again.`;
  return userError("SALE_NOT_RUNNING", message, ["flashSaleId"]);
}
