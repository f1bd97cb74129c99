import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { MadeCustomer } from "@shop/stack";
import { z } from "zod";
import { benchAddress } from "../orders/buyer.ts";
import type { OpenedSale } from "./open-sale.ts";
import { fieldOf, type SaleGraph } from "./sale-graph.ts";

/** What a customer got of a sale. */
export type Part = {
  customer: MadeCustomer;
  ticketId: string | undefined;
  /** From the start of the sale to the answer of `flashSaleEnter`. */
  firstMs: number;
  /** HOLDING, WAITING, SALE_SOLD_OUT … */
  first: string;
  /** The final answer: BOUGHT, SOLD_OUT, LEFT, EXPIRED or SALE_SOLD_OUT. */
  end: string;
  endMs: number;
};

const ticketShape = z.object({ id: z.string(), status: z.string() });
const errorShape = z.array(z.object({ code: z.string() }));
const entered = z.object({ ticket: ticketShape.nullable(), userErrors: errorShape });
const placed = z.object({
  order: z.object({ id: z.string() }).nullable(),
  problems: z.array(z.object({ __typename: z.string() })),
  userErrors: errorShape,
});
const followed = z.object({ status: z.string() }).nullable();

const finals = new Set(["BOUGHT", "EXPIRED", "LEFT", "SOLD_OUT"]);

/** Enters, waits for a hold by asking now and then, checks out with it, and asks on until the ticket is final. */
export async function takePart(
  graph: SaleGraph,
  sale: OpenedSale,
  customer: MadeCustomer,
  how: { isDeclined: boolean; everyMs: number },
): Promise<Part> {
  const { accessToken } = customer;
  const sinceStart = () => performance.timeOrigin + performance.now() - sale.startsAtMs;
  const variables = { flashSaleId: sale.id, idempotencyKey: randomUUID() };
  const answer = fieldOf(await graph.send("flash-sale-enter", variables, accessToken), entered);
  const firstMs = sinceStart();
  const ticketId = answer.ticket?.id;
  const first = answer.ticket?.status ?? answer.userErrors[0]?.code ?? "no answer";
  if (ticketId === undefined) return { customer, ticketId, firstMs, first, end: first, endMs: firstMs };
  let status = first;
  let isCheckedOut = false;
  while (!finals.has(status)) {
    if (status === "HOLDING" && !isCheckedOut) {
      isCheckedOut = true;
      const orderId = await checkOut(graph, customer, ticketId, how.isDeclined);
      if (how.isDeclined && orderId !== undefined) await cancel(graph, customer, orderId);
    } else await sleep(how.everyMs * (0.75 + Math.random() / 2));
    status =
      fieldOf(await graph.send("flash-sale-ticket", { id: ticketId }, accessToken), followed)?.status ??
      "gone";
  }
  return { customer, ticketId, firstMs, first, end: status, endMs: sinceStart() };
}

/** Spends the hold, and gives the order's id; undefined for a hold that has run out. Throws what else stood in the way. */
export async function checkOut(
  graph: SaleGraph,
  { cartId, email, accessToken }: MadeCustomer,
  flashSaleTicketId: string,
  isDeclined: boolean,
): Promise<string | undefined> {
  const input = {
    ...{ cartId, cartVersion: 1, email, shippingAddress: benchAddress, shippingOptionId: "standard" },
    paymentMethod: { token: isDeclined ? "pm_card_chargeDeclined" : "pm_card_visa" },
    ...{ flashSaleTicketId, idempotencyKey: randomUUID() },
  };
  const answer = fieldOf(await graph.send("checkout-lean", { input }, accessToken), placed);
  const hasRunOut = answer.userErrors.some(({ code }) => code === "TICKET_NOT_HOLDING");
  if (!answer.order && !hasRunOut) throw new Error(`a holder could not check out: ${JSON.stringify(answer)}`);
  return answer.order?.id;
}

/** A customer whose card was declined gives up, once order has reserved the unit and the card was tried. */
export async function cancel(
  graph: SaleGraph,
  { accessToken }: MadeCustomer,
  orderId: string,
): Promise<void> {
  await sleep(500);
  await graph.send("order-cancel", { orderId, idempotencyKey: randomUUID() }, accessToken);
}
