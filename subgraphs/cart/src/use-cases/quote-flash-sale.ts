import type { RequestReply } from "@shop/events";
import type { Identity } from "@shop/service";
import type { Deps } from "../deps.ts";
import type { Cart, Variants } from "../domain/cart.ts";
import type { PlannedSales, SaleRule } from "../domain/flash-sale.ts";

type Refused = Extract<RequestReply<"cart.quote">, { outcome: "refused" }>;
type Ticket = NonNullable<RequestReply<"inventory.flashSales">["ticket"]>;
type Hold = Extract<Ticket, { outcome: "holding" }>;

/** What flash sales make of a quote: the rule of each SKU that has one, and the hold that buys one line. */
export type FlashTerms = {
  ruleOf: (sku: string) => SaleRule | undefined;
  hold: (Hold & { lineId: string }) | null;
};

const ordinary: FlashTerms = { ruleOf: () => undefined, hold: null };

/**
 * The flash sales that concern a cart, by inventory's clock. A cart without such a variant asks for nothing, so an ordinary quote
 * stands while inventory is away.
 */
export async function flashTerms(
  { bus }: Pick<Deps, "bus">,
  cart: Cart,
  variants: Variants,
  ticketId: string | null | undefined,
  identity: Identity,
): Promise<FlashTerms | Refused> {
  const skus = cart.lines.flatMap(({ sku }) => (mayBeRuled(variants.get(sku)?.sales ?? {}) ? [sku] : []));
  if (skus.length === 0 && !ticketId) return ordinary;
  const input = { skus, ...(ticketId ? { ticketId } : {}) };
  const { sales, ticket } = await bus.request("inventory.flashSales", input, identity);
  const rules = new Map(sales.map(({ sku, ...rule }) => [sku, rule]));
  const ruleOf = (sku: string) => rules.get(sku);
  if (!ticket) return { ruleOf, hold: null };
  if (ticket.outcome !== "holding") return refusals[ticket.outcome];
  const line = cart.lines.find(({ sku }) => sku === ticket.sku);
  if (!line)
    return refuse("INVALID_INPUT", `The ticket buys ${ticket.sku}, which is not in the cart: add one unit.`);
  if (line.quantity !== 1) {
    return refuse(
      "QUANTITY_LIMIT",
      `A ticket buys one unit of ${ticket.sku}: the cart has ${line.quantity}.`,
    );
  }
  const { currency } = ticket.price;
  if (currency !== cart.currency) {
    return refuse("CURRENCY_NOT_SUPPORTED", `The sale is in ${currency}, the cart in ${cart.currency}.`);
  }
  return { ruleOf, hold: { ...ticket, lineId: line.id } };
}

/** Whether a sale rules the variant, or may in the moments for which two clocks differ. */
function mayBeRuled(sales: PlannedSales): boolean {
  const nowMs = Date.now();
  return Object.values(sales).some(
    ({ startsAt, endsAt, outsideSale }) =>
      outsideSale === "NOT_FOR_SALE" ||
      (Date.parse(startsAt) < nowMs + clockSlackMs && Date.parse(endsAt) > nowMs - clockSlackMs),
  );
}

const clockSlackMs = 10_000;

function refuse(code: Refused["code"], message: string): Refused {
  return { outcome: "refused", code, message, field: ["input", "flashSaleTicketId"] };
}

const refusals: Record<Exclude<Ticket["outcome"], "holding">, Refused> = {
  unknown: refuse("NOT_FOUND", "You have no such ticket."),
  // For inventory's grace after the hold, entering would answer the same ticket.
  "not-holding": refuse(
    "TICKET_NOT_HOLDING",
    "The ticket holds no unit now. If its hold has run out, wait five seconds, then enter the sale again.",
  ),
  "in-order": refuse("TICKET_NOT_HOLDING", "The ticket's unit is in an order already: pay that order."),
};
