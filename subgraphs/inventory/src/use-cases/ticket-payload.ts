import type { UserError } from "@shop/service";
import type { Deps } from "../deps.ts";
import type { ErrorCode } from "../generated/resolvers.ts";
import type { TicketView } from "../live/ticket-followers.ts";
import type { Sale } from "../store/flash-sales.ts";

/** What a mutation of tickets answers. */
export type TicketPayload = {
  ticket: TicketView | null;
  flashSale: Sale | null;
  userErrors: UserError<ErrorCode>[];
};

/** The customer's own ticket; another's does not exist to them. */
export async function findTicket(
  { loaders }: Pick<Deps, "loaders">,
  id: string,
  customerId: string,
): Promise<TicketView | undefined> {
  if (!/^flt_\w{1,60}$/.test(id)) return undefined;
  const ticket = await loaders.ticketById.load(id);
  return ticket?.customerId === customerId ? ticket : undefined;
}
