import { maxUnboughtTickets, maxWaiting, type TicketStatus } from "../../src/domain/flash-sale.ts";

/** A ticket in the model. Moments are in ms. */
export type SaleTicket = {
  id: string;
  number: number;
  customerId: string;
  line: "VIP" | "STANDARD";
  status: TicketStatus;
  grantNumber: number | null;
  wasContested: boolean;
  holdExpiresAt: number | null;
  /** Its unit; kept when the unit has gone back. */
  unit: number | null;
  orderId: string | null;
  hasReturned: boolean;
};

/** A unit of the sale; `ticketId` is null while it is free. */
export type SaleUnit = {
  unit: number;
  warehouseCode: string;
  status: "SET_ASIDE" | "ORDERED" | "SOLD" | "BACK";
  ticketId: string | null;
};

/** What staff plan. */
export type SalePlan = {
  startsAt: number;
  endsAt: number;
  holdMs: number;
  perCustomerLimit: number;
  lineFactor: number;
  lineFloor: number;
  /** Null for one line. */
  ratio: { vip: number; standard: number } | null;
};

/** A flash sale as a reference model: what `migrations/repeatable/flash-*.sql` decide, as pure functions. */
export type SaleModel = SalePlan & {
  isClosed: boolean;
  lastNumber: number;
  lastGrant: number;
  contestedGrants: number;
  /** In order of number. */
  tickets: ReadonlyMap<string, SaleTicket>;
  units: readonly SaleUnit[];
};

/** What happens to a sale. The orders' messages come from inventory's handlers of their events. */
export type SaleMessage =
  | { type: "Enter"; customerId: string; ticketId: string; isVip: boolean }
  | { type: "Leave"; ticketId: string }
  /** OrderInitiated with the ticket: the hold goes into the order. */
  | { type: "Order"; ticketId: string; orderId: string }
  | { type: "Confirm"; orderId: string }
  | { type: "EndOrder"; orderId: string; final: "EXPIRED" | "LEFT" }
  | { type: "Deadlines"; graceMs: number }
  | { type: "Close" };

/** The next model, and the answer in one word: a status, or why nothing has changed. */
export type SaleStep = { sale: SaleModel; answer: string };

/** A sale with one unit for each of these warehouses. */
export function planSale(plan: SalePlan, warehouses: readonly string[]): SaleModel {
  const units = warehouses.map((warehouseCode, at): SaleUnit => {
    return { unit: at + 1, warehouseCode, status: "SET_ASIDE", ticketId: null };
  });
  const counts = { lastNumber: 0, lastGrant: 0, contestedGrants: 0 };
  return { ...plan, ...counts, isClosed: false, tickets: new Map(), units };
}

/** Units without a ticket, in order of their number. */
export function freeUnits({ units }: SaleModel): SaleUnit[] {
  return units.filter(({ status, ticketId }) => status === "SET_ASIDE" && ticketId === null);
}

/** Tickets of this status, in order of number. */
export function ticketsThatAre(sale: SaleModel, status: TicketStatus): SaleTicket[] {
  return [...sale.tickets.values()].filter((one) => one.status === status);
}

/** Tickets whose units are sold. */
export function unitsSold(sale: SaleModel): number {
  return ticketsThatAre(sale, "BOUGHT").filter(({ hasReturned }) => !hasReturned).length;
}

/** Applies a message at a moment; messages may come in any order and any number of times. */
export function applyToSale(sale: SaleModel, message: SaleMessage, now: number): SaleStep {
  switch (message.type) {
    case "Enter":
      return enter(sale, message, now);
    case "Leave":
      return leave(sale, message.ticketId, now);
    case "Order":
      return order(sale, message.ticketId, message.orderId);
    case "Confirm":
      return confirm(sale, message.orderId);
    case "EndOrder":
      return endOrder(sale, message.orderId, message.final, now);
    case "Deadlines":
      return meetDeadlines(sale, message.graceMs, now);
    case "Close":
      return { sale: sale.isClosed ? sale : close(sale, now), answer: "ENDED" };
  }
}

function enter(
  sale: SaleModel,
  { customerId, ticketId, isVip }: Extract<SaleMessage, { type: "Enter" }>,
  now: number,
): SaleStep {
  const mine = [...sale.tickets.values()].filter((one) => one.customerId === customerId);
  const live = mine.find(({ status }) => status === "WAITING" || status === "HOLDING");
  if (live) return { sale, answer: live.status };
  if (!isRunning(sale, now)) return { sale, answer: "NOT_RUNNING" };
  const bought = mine.filter(({ status, hasReturned }) => status === "BOUGHT" && !hasReturned).length;
  if (bought >= sale.perCustomerLimit) return { sale, answer: "LIMIT" };
  if (mine.length - bought >= maxUnboughtTickets) return { sale, answer: "TOO_MANY_TICKETS" };
  const ticket: SaleTicket = {
    ...{ id: ticketId, number: sale.lastNumber + 1, customerId, status: "WAITING" },
    ...{ line: sale.ratio && isVip ? "VIP" : "STANDARD", grantNumber: null, wasContested: false },
    ...{ holdExpiresAt: null, unit: null, orderId: null, hasReturned: false },
  };
  const [free] = freeUnits(sale);
  const counts = { unitsTotal: sale.units.length, unitsSold: unitsSold(sale) };
  const maxTickets = maxWaiting({ ...sale, ...counts });
  if (
    !free &&
    (counts.unitsSold >= counts.unitsTotal || ticketsThatAre(sale, "WAITING").length >= maxTickets)
  )
    return { sale, answer: "SOLD_OUT" };
  const entered = withTicket({ ...sale, lastNumber: ticket.number }, ticket);
  return free
    ? { sale: grant(entered, ticket, free, { isContested: false, now }), answer: "HOLDING" }
    : { sale: entered, answer: "WAITING" };
}

function leave(sale: SaleModel, ticketId: string, now: number): SaleStep {
  const ticket = sale.tickets.get(ticketId);
  if (!ticket) return { sale, answer: "UNKNOWN_TICKET" };
  if (ticket.status === "HOLDING" && ticket.orderId !== null) return { sale, answer: "IN_ORDER" };
  if (ticket.status !== "WAITING" && ticket.status !== "HOLDING") return { sale, answer: ticket.status };
  const left = withTicket(sale, { ...ticket, status: "LEFT" });
  return { sale: ticket.status === "HOLDING" ? freeUnit(left, ticket, now) : left, answer: "LEFT" };
}

function order(sale: SaleModel, ticketId: string, orderId: string): SaleStep {
  const ticket = sale.tickets.get(ticketId);
  const isHeld = ticket?.status === "HOLDING" && (ticket.orderId ?? orderId) === orderId;
  if (!isHeld) return { sale, answer: "NOT_HOLDING" };
  return { sale: withUnit(withTicket(sale, { ...ticket, orderId }), ticket, "ORDERED"), answer: "ORDERED" };
}

function confirm(sale: SaleModel, orderId: string): SaleStep {
  const ticket = ticketOf(sale, orderId);
  if (ticket?.status !== "HOLDING") return { sale, answer: ticket?.status ?? "NO_TICKET" };
  const bought = withUnit(withTicket(sale, { ...ticket, status: "BOUGHT" }), ticket, "SOLD");
  const isSoldOut = unitsSold(bought) === bought.units.length;
  return { sale: isSoldOut ? endLine(bought) : bought, answer: "BOUGHT" };
}

function endOrder(sale: SaleModel, orderId: string, final: "EXPIRED" | "LEFT", now: number): SaleStep {
  const ticket = ticketOf(sale, orderId);
  if (!ticket) return { sale, answer: "NO_TICKET" };
  if (ticket.status === "BOUGHT" && !ticket.hasReturned) {
    const returned = withTicket(sale, { ...ticket, hasReturned: true });
    return { sale: freeUnit(withUnit(returned, ticket, "SET_ASIDE"), ticket, now), answer: "RETURNED" };
  }
  if (ticket.status !== "HOLDING") return { sale, answer: ticket.status };
  const ended = withTicket(sale, { ...ticket, status: final });
  return { sale: freeUnit(withUnit(ended, ticket, "SET_ASIDE"), ticket, now), answer: final };
}

/** Ends holds that ran out `graceMs` ago and are in no order, and closes a sale that is over. */
function meetDeadlines(sale: SaleModel, graceMs: number, now: number): SaleStep {
  const due = ticketsThatAre(sale, "HOLDING")
    .filter(({ orderId, holdExpiresAt }) => orderId === null && (holdExpiresAt ?? 0) <= now - graceMs)
    .sort((one, other) => (one.holdExpiresAt ?? 0) - (other.holdExpiresAt ?? 0) || one.number - other.number);
  const after = due.reduce(
    (so, ticket) => freeUnit(withTicket(so, { ...ticket, status: "EXPIRED" }), ticket, now),
    sale,
  );
  return { sale: !after.isClosed && now >= after.endsAt ? close(after, now) : after, answer: "MET" };
}

function close(sale: SaleModel, now: number): SaleModel {
  const back = new Set(freeUnits(sale));
  const units = sale.units.map((one): SaleUnit => (back.has(one) ? { ...one, status: "BACK" } : one));
  return endLine({ ...sale, units, isClosed: true, endsAt: Math.min(sale.endsAt, now) });
}

/** The final answer to all that wait. */
function endLine(sale: SaleModel): SaleModel {
  return ticketsThatAre(sale, "WAITING").reduce(
    (so, ticket) => withTicket(so, { ...ticket, status: "SOLD_OUT" }),
    sale,
  );
}

/** Frees a unit, which is the next one's, or free; after the sale it is ordinary stock again. */
function freeUnit(sale: SaleModel, { unit }: SaleTicket, now: number): SaleModel {
  const units = sale.units.map((one): SaleUnit =>
    one.unit === unit ? { ...one, ticketId: null, status: sale.isClosed ? "BACK" : "SET_ASIDE" } : one,
  );
  return grantFree({ ...sale, units }, now);
}

/** Gives free units to those who wait: the lowest number first, of two lines in the sale's ratio. */
function grantFree(sale: SaleModel, now: number): SaleModel {
  if (!isRunning(sale, now)) return sale;
  const waiting = ticketsThatAre(sale, "WAITING");
  const [vip, standard] = (["VIP", "STANDARD"] as const).map((line) =>
    waiting.find((one) => one.line === line),
  );
  const isContested = vip !== undefined && standard !== undefined;
  const { vip: share, standard: others } = sale.ratio ?? { vip: 0, standard: 1 };
  const isVips = isContested ? sale.contestedGrants % (share + others) < share : standard === undefined;
  const next = isVips ? vip : standard;
  const [free] = freeUnits(sale);
  return next && free ? grantFree(grant(sale, next, free, { isContested, now }), now) : sale;
}

function grant(
  sale: SaleModel,
  ticket: SaleTicket,
  { unit }: SaleUnit,
  { isContested, now }: { isContested: boolean; now: number },
): SaleModel {
  const grantNumber = sale.lastGrant + 1;
  const holding = { ...ticket, status: "HOLDING" as const, grantNumber, wasContested: isContested, unit };
  const units = sale.units.map((one) => (one.unit === unit ? { ...one, ticketId: ticket.id } : one));
  const counts = { lastGrant: grantNumber, contestedGrants: sale.contestedGrants + Number(isContested) };
  return withTicket({ ...sale, units, ...counts }, { ...holding, holdExpiresAt: now + sale.holdMs });
}

function isRunning({ startsAt, endsAt, isClosed }: SaleModel, now: number): boolean {
  return !isClosed && now >= startsAt && now < endsAt;
}

function ticketOf({ tickets }: SaleModel, orderId: string): SaleTicket | undefined {
  return tickets.values().find((one) => one.orderId === orderId);
}

function withTicket(sale: SaleModel, ticket: SaleTicket): SaleModel {
  return { ...sale, tickets: new Map(sale.tickets).set(ticket.id, ticket) };
}

function withUnit(sale: SaleModel, { unit }: SaleTicket, status: SaleUnit["status"]): SaleModel {
  return { ...sale, units: sale.units.map((one) => (one.unit === unit ? { ...one, status } : one)) };
}
