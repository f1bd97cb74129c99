/** The columns of a sale that decide its status. */
export type SaleState = {
  startsAt: Date;
  endsAt: Date;
  unitsTotal: number;
  unitsFree: number;
  unitsSold: number;
  lineFactor: number;
  lineFloor: number;
};

export type TicketStatus = "WAITING" | "HOLDING" | "BOUGHT" | "EXPIRED" | "LEFT" | "SOLD_OUT";
export type SaleStatus = "SCHEDULED" | "RUNNING" | "SOLD_OUT" | "ENDED";

/** The status of a sale at a moment of its database's clock. No job sets it, so that it is never late. */
export function saleStatus(
  { startsAt, endsAt, unitsFree }: Pick<SaleState, "startsAt" | "endsAt" | "unitsFree">,
  now: Date,
): SaleStatus {
  if (now >= endsAt) return "ENDED";
  if (now < startsAt) return "SCHEDULED";
  return unitsFree > 0 ? "RUNNING" : "SOLD_OUT";
}

/** Tickets of a customer in one sale that ended unbought: entering and leaving in a loop would add rows for as long as it runs. */
export const maxUnboughtTickets = 20;

/** Tickets that may wait: a further entry is refused at once, since there is nothing to hope for. */
export function maxWaiting({
  lineFactor,
  lineFloor,
  unitsTotal,
  unitsSold,
}: Pick<SaleState, "lineFactor" | "lineFloor" | "unitsTotal" | "unitsSold">): number {
  return lineFactor * (unitsTotal - unitsSold) + lineFloor;
}
