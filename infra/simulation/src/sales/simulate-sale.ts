import { ticketsThatAre, unitsSold, type SaleTicket } from "@shop/inventory/reference-model";
import { isEnded } from "@shop/order/domain";
import { type Decisions, ourDecisions } from "../decisions.ts";
import { stockAddsUp, violations } from "../invariants/index.ts";
import { anOrder } from "../order-builder.ts";
import { seededRandom, type Random } from "../random.ts";
import { openShop, type Shop } from "../shop.ts";
import { graceMs, openSale, saleSku, type Sale } from "./open-sale.ts";

/** One history of a sale: its violations, its trace, and how its tickets ended. */
export type SaleHistory = { seed: number; wrong: string[]; trace: string[]; ends: string[] };

const tokens = ["pm_card", "pm_card", "pm_declined", "pm_asks_customer"] as const;
const duplicateRate = 0.15;

type Setting = { shop: Shop; sale: Sale; random: Random; customers: { id: string; isVip: boolean }[] };

/**
 * A flash sale in a whole shop: customers enter, leave, check out with their holds, pay, cancel and do nothing, events come in
 * any order and twice, timers are late; then the sale ends and all comes to rest.
 */
export function simulateSale(seed: number, decisions: Decisions = ourDecisions): SaleHistory {
  const random = seededRandom(seed);
  const sale = openSale(random, decisions);
  const shop = openShop(random, decisions, sale);
  const customers = Array.from({ length: 2 + random.below(6) }, (_, at) => ({
    id: `usr_${at}`,
    isVip: random.is(0.4),
  }));
  const setting = { shop, sale, random, customers };
  const wrong: string[] = [];
  try {
    for (let steps = 60 + random.below(160); steps > 0; steps--) {
      if (random.is(0.55)) deliverOne(setting);
      else act(setting);
      wrong.push(...unitsAddUp(setting));
    }
    rest(setting);
    wrong.push(...unitsAddUp(setting), ...violations(shop, { isReliable: true }), ...wrongAtRest(setting));
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const ends = [...sale.model().tickets.values()].map(({ status }) => status);
  return {
    seed,
    wrong: [...new Set([...sale.found, ...shop.monitor.found, ...wrong])],
    trace: shop.trace,
    ends,
  };
}

function act({ shop, sale, random, customers }: Setting) {
  const customer = random.oneOf(customers);
  const mine = [...sale.model().tickets.values()].filter(({ customerId }) => customerId === customer.id);
  const live = mine.find(({ status }) => status === "WAITING" || status === "HOLDING");
  const orderIds = [...shop.orders.keys()];
  const kind = random.below(12);
  if (kind < 4) {
    const ticketId = `tkt_${sale.model().tickets.size + 1}`;
    shop.trace.push(`${customer.id} enters as ${ticketId}`);
    shop.changeSale({ type: "Enter", customerId: customer.id, ticketId, isVip: customer.isVip });
  } else if (kind < 7 && live?.status === "HOLDING") checkOut({ shop, sale, random }, live);
  else if (kind === 7 && live) {
    shop.trace.push(`${customer.id} leaves with ${live.id}`);
    shop.changeSale({ type: "Leave", ticketId: live.id });
  } else if (kind === 8 && orderIds.length > 0) {
    const id = random.oneOf(orderIds);
    shop.trace.push(`the customer cancels ${id}`);
    shop.cancel({ cancels: id, isCalledOff: false });
  } else if (kind === 9 && orderIds.length > 0) {
    const id = random.oneOf(orderIds);
    shop.trace.push(`the customer pays ${id}`);
    shop.pay(id, random.oneOf(tokens));
    if (random.is(0.5)) shop.passBank(id);
  } else {
    shop.passTime(random.is(0.1) ? 900 : random.below(40));
    shop.trace.push(`it is ${new Date(shop.now()).toISOString()}`);
    if (random.is(0.7)) meetDeadlines(shop);
  }
}

/** The hold may have run out, and its timer be late: then order asks, and inventory refuses or accepts. */
function checkOut({ shop, sale, random }: Omit<Setting, "customers">, ticket: SaleTicket) {
  const isOnce = !shop.orders.has(`ord_${ticket.id}`);
  const id = isOnce ? `ord_${ticket.id}` : `ord_${ticket.id}_again`;
  if (shop.orders.has(id)) return;
  shop.trace.push(`${ticket.customerId} checks out ${id} with ${ticket.id}`);
  sale.note(id, ticket.id);
  const order = anOrder(id, random, random.oneOf(tokens));
  const usd = (amount: number) => ({ amount, currency: "USD" });
  const line = { ...order.details.lines[0], lineId: `${id}_${saleSku}`, sku: saleSku, quantity: 1 };
  shop.place(id, {
    ...order,
    details: {
      ...order.details,
      lines: [{ ...line, unitPrice: usd(500), lineTotal: usd(500) } as (typeof order.details.lines)[number]],
      totals: { ...order.details.totals, subtotal: usd(500), total: usd(700) },
    },
  });
}

function meetDeadlines(shop: Shop) {
  shop.changeSale({ type: "Deadlines", graceMs });
  shop.fireTimers({ reminds: false });
}

function deliverOne({ shop, random }: Setting) {
  if (shop.mail.length === 0) return;
  const at = random.below(shop.mail.length);
  const mail = random.is(duplicateRate) ? shop.mail[at] : shop.mail.splice(at, 1)[0];
  if (mail) shop.deliver(mail);
}

/** All is delivered, and time passes beyond the sale's end and every deadline but those of parcels. */
function rest({ shop, random }: Setting) {
  for (let rounds = 0; rounds < 12; rounds++) {
    for (let budget = 5_000; shop.mail.length > 0; budget--) {
      if (budget === 0) throw new Error("I10 the messages never end");
      const [mail] = shop.mail.splice(random.below(shop.mail.length), 1);
      if (mail) shop.deliver(mail);
    }
    shop.passTime(3_600);
    shop.trace.push(`an hour later: ${new Date(shop.now()).toISOString()}`);
    meetDeadlines(shop);
    if (shop.mail.length === 0 && rounds > 2) break;
  }
}

/** I1, with the units that are set aside. */
function unitsAddUp({ shop, sale }: Setting): string[] {
  const aside = sale.model().units.filter(({ status }) => status === "SET_ASIDE").length;
  return stockAddsUp(shop, sale.units - aside);
}

/** I12 at rest: each ticket has one end, BOUGHT exactly if its order was bought, and all units are sold or back. */
function wrongAtRest({ shop, sale }: Setting): string[] {
  const model = sale.model();
  const found: string[] = [];
  for (const status of ["WAITING", "HOLDING"] as const)
    for (const { number } of ticketsThatAre(model, status))
      found.push(`I12 ticket ${number} rests as ${status}`);
  const back = model.units.filter(({ status }) => status === "BACK").length;
  if (unitsSold(model) + back !== sale.units)
    found.push(`I12 ${unitsSold(model)} units are sold and ${back} back, of ${sale.units}`);
  for (const order of shop.orders.values()) {
    const ticket = model.tickets.get(sale.ticketOf(order.id) ?? "");
    const isBought = !isEnded(order) && order.status !== "CREATED" && order.status !== "AWAITING_PAYMENT";
    const isTickets = ticket?.orderId === order.id && ticket.status === "BOUGHT" && !ticket.hasReturned;
    if (isBought !== isTickets)
      found.push(
        `I12 ${order.id} is ${order.status}, and its ticket ${ticket?.status} of ${ticket?.orderId}`,
      );
  }
  return found;
}
