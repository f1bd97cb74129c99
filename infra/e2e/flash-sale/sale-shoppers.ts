import { setTimeout as sleep } from "node:timers/promises";
import { makeCustomers, type MadeCustomer } from "@shop/stack";
import type { Answer } from "../src/answer.ts";
import type { FlashSaleInput } from "../src/generated/operations.ts";
import type { OpenShop } from "../src/open-shop.ts";
import type { Shopper } from "../src/shopper.ts";
import { address, key, logIn } from "../src/shopping.ts";

/** What a customer does with a place in the sale. */
export type Behaviour =
  | "pays"
  /** The first card is declined; the second is good. */
  | "pays with another card"
  /** The card is declined, and the customer cancels the order. */
  | "gives up"
  /** Leaves the line, or gives the hold up, after a moment. */
  | "leaves"
  /** Never checks out: the hold runs out. */
  | "sleeps";

export const isWilling = (behaviour: Behaviour): boolean => behaviour.startsWith("pays");

/** A customer who took part: the last status that the shop has said, and the order. */
export type Taken = {
  behaviour: Behaviour;
  customer: MadeCustomer;
  ticketId: string | undefined;
  end: string;
  orderId: string | undefined;
  /** Whether the shop has ever said that the order is CONFIRMED. */
  wasConfirmed: boolean;
};

export type StorySale = { id: string; sku: string; units: number };

const finals: ReadonlySet<string> = new Set(["BOUGHT", "EXPIRED", "LEFT", "SOLD_OUT"]);

/** Plans sales as staff, and makes customers with tokens and carts. */
export async function saleStaff({ shop, dataFolder, guest }: OpenShop) {
  const staff = guest.as(await logIn(guest, "staff@shop.test"));
  return {
    staff,
    /** Begins at once by default and lasts ten minutes; the line takes all. */
    async plan(sku: string, units: number, changes: Partial<FlashSaleInput> = {}): Promise<StorySale> {
      const adjustment = {
        sku,
        warehouseCode: "RNO",
        delta: units,
        reason: "flash sale",
        idempotencyKey: key(),
      };
      await insist(() => staff.send("stock-adjust", { input: adjustment }));
      const input = {
        ...{ sku, units, price: { amount: "7.77", currency: "USD" }, lineFloor: 100_000, holdSeconds: 60 },
        startsAt: new Date(Date.now() + 200).toISOString(),
        endsAt: new Date(Date.now() + 600_000).toISOString(),
        ...changes,
      };
      const planned = await insist(() =>
        staff.send("flash-sale-create", { input, idempotencyKey: adjustment.idempotencyKey }),
      );
      const { flashSale, userErrors } = planned.flashSaleCreate;
      if (!flashSale) throw new Error(JSON.stringify(userErrors));
      await sleep(Math.max(0, Date.parse(input.startsAt) - Date.now() + 5));
      return { id: flashSale.id, sku, units };
    },
    async end({ id }: StorySale): Promise<void> {
      const idempotencyKey = key();
      await insist(() => staff.send("flash-sale-end", { id, idempotencyKey }));
    },
    async customers(count: number, sku: string): Promise<MadeCustomer[]> {
      return await makeCustomers({ dataFolder, status: await shop.status(), count, sku });
    },
  };
}

/** Sends until the shop answers: what was lost or refused for the moment is sent again under the same key, as a phone would. */
// oxlint-disable-next-line typescript/no-explicit-any -- the data of whichever operation was sent
export async function insist<Data = any>(
  send: () => Promise<Answer<Data>>,
  withinMs = 90_000,
): Promise<Data> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await send().catch((error: unknown) => ({
      data: undefined,
      errors: [{ message: String(error) }],
    }));
    if (!answer.errors && answer.data) return answer.data;
    if (Date.now() > until) throw new Error(`never answered: ${JSON.stringify(answer.errors)}`);
    await sleep(100 + Math.random() * 100);
  }
}

/** Enters the sale and behaves so, until the ticket has its end or the sale can't be entered. */
export async function takePart(
  guest: Shopper,
  sale: StorySale,
  customer: MadeCustomer,
  behaviour: Behaviour,
): Promise<Taken> {
  const me = guest.as(customer.accessToken);
  const enterKey = key();
  const entered = await insist(() =>
    me.send("flash-sale-enter", { flashSaleId: sale.id, idempotencyKey: enterKey }),
  );
  const { ticket, userErrors } = entered.flashSaleEnter;
  const taken: Taken = {
    behaviour,
    customer,
    ticketId: ticket?.id,
    end: "",
    orderId: undefined,
    wasConfirmed: false,
  };
  if (!ticket) return { ...taken, end: (userErrors as { code: string }[])[0]?.code ?? "no answer" };
  const { id } = ticket;
  let status: string = ticket.status;
  let isSpent = false;
  const leaveAt = behaviour === "leaves" ? Date.now() + Math.random() * 1_000 : Infinity;
  while (!finals.has(status)) {
    if (Date.now() > leaveAt) {
      const leaveKey = key();
      await insist(() => me.send("flash-sale-leave", { ticketId: id, idempotencyKey: leaveKey }));
    } else if (status === "HOLDING" && !isSpent && behaviour !== "sleeps" && behaviour !== "leaves") {
      isSpent = true;
      taken.orderId = await spend(me, customer, id, behaviour);
    } else await sleep(100 + Math.random() * 100);
    const seen = await insist(() => me.send("flash-sale-ticket", { id }));
    status = seen.flashSaleTicket?.status ?? "gone";
  }
  if (taken.orderId !== undefined) {
    const orderId = taken.orderId;
    const page = await insist(() => me.send("order-page", { id: orderId }));
    taken.wasConfirmed = ["CONFIRMED", "SHIPPED", "DELIVERED"].includes(page.order.status);
  }
  return { ...taken, end: status };
}

/** Checks out with the hold; undefined if it had run out. */
export async function spend(
  me: Shopper,
  { cartId, email }: MadeCustomer,
  flashSaleTicketId: string,
  behaviour: Behaviour,
): Promise<string | undefined> {
  const isDeclined = behaviour !== "pays";
  const input = {
    ...{ cartId, cartVersion: 1, email, shippingAddress: address, shippingOptionId: "standard" },
    paymentMethod: { token: isDeclined ? "pm_card_chargeDeclined" : "pm_card_visa" },
    ...{ flashSaleTicketId, idempotencyKey: key() },
  };
  const { checkout } = await insist(() => me.send("checkout-lean", { input }));
  const orderId: string | undefined = (checkout.order as { id: string } | null)?.id;
  if (orderId === undefined || !isDeclined) return orderId;
  const again = { orderId, idempotencyKey: key() };
  if (behaviour === "pays with another card") {
    await untilDeclined(me, orderId);
    await insist(() => me.send("order-pay", { ...again, paymentMethod: { token: "pm_card_visa" } }));
  } else await insist(() => me.send("order-cancel", again));
  return orderId;
}

/** Waits until the first card has failed, or the order has ended by itself. */
async function untilDeclined(me: Shopper, id: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { order } = await insist(() => me.send("order-page", { id }));
    if (order.payment?.status === "FAILED" || order.status !== "AWAITING_PAYMENT") {
      if (order.status !== "CREATED") return;
    }
    await sleep(100);
  }
}
