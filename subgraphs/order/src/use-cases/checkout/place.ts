import type { OrderLinePart, Quote } from "@shop/events";
import type { Identity, Tx } from "@shop/service";
import { newId } from "@shop/values";
import type { Deps } from "../../deps.ts";
import { hasOrdinaryLines, type Order } from "../../domain/index.ts";
import { payerOf, refuseTooManyDeclines } from "../../store/declines.ts";
import { orderNumber } from "./order-number.ts";
import type { Prepared } from "./prepare.ts";
import type { CheckoutCommand } from "./read-checkout.ts";

/** The new order; or the order that this version of the cart has become; or one held and unpaid order too many. */
export type Placed = { order: Order } | { taken: Order } | { isOneTooMany: true };

export type Placement = { orderId: string; command: CheckoutCommand; prepared: Prepared; identity: Identity };

/** Numbers are random: this many taken ones in a row have another cause than chance. */
const maxNumbers = 5;

/** Writes the order, within the transaction of its idempotency record. */
export async function place(
  { store, sealFor }: Deps,
  tx: Tx,
  { orderId, command, prepared: { quote, email, address }, identity }: Placement,
): Promise<Placed> {
  // From here on payment alone can read it.
  const paymentToken = command.paymentToken === null ? null : sealFor("payment", command.paymentToken);
  const { cartId, cartVersion, totals } = quote;
  const { name, estimatedDelivery } = quote.shippingOption;
  // A cart's lines may be bought more than once, and clients' caches keep entities by their ids.
  const lines = quote.lines.map((line) => ({ ...line, lineId: newId("oln") }));
  const flashSale = flashPartOf(quote, lines);
  const payer = payerOf(identity);
  const { customerId, client = null } = payer;
  if (paymentToken === null) {
    const taken = await store.findOfCart(cartId, cartVersion, tx);
    if (taken) return { taken };
    // A flash hold alone is no held and unpaid order.
    const mayBeTooMany = hasOrdinaryLines({ lines, ...flashSale });
    if (mayBeTooMany && (await store.isOneTooMany(tx, { id: orderId, customerId, email, client })))
      return { isOneTooMany: true };
  } else {
    refuseTooManyDeclines(await store.declineWait(tx, payer));
  }
  for (let tries = 0; tries < maxNumbers; tries++) {
    const order = await store.place(tx, {
      type: "PlaceOrder",
      paymentToken,
      details: {
        ...{ id: orderId, number: orderNumber(), cartId, cartVersion, lines, totals, email, address },
        ...{ customerId, client },
        shippingOptionId: quote.shippingOption.id,
        shippingOption: { name, estimatedDelivery },
        ...flashSale,
      },
    });
    if (order) return { order };
    const taken = await store.findOfCart(cartId, cartVersion, tx);
    if (taken) return { taken };
  }
  throw new Error("no free order number was found");
}

/** The line that the ticket buys, by the order's own id of it. */
function flashPartOf({ lines: quoted, flashSale }: Quote, lines: readonly OrderLinePart[]) {
  if (!flashSale) return undefined;
  const { ticketId, holdExpiresAt } = flashSale;
  const line = lines[quoted.findIndex(({ lineId }) => lineId === flashSale.lineId)];
  if (!line) throw new Error(`the quote has no line ${flashSale.lineId} for its flash-sale ticket`);
  return { flashSale: { ticketId, holdExpiresAt, lineId: line.lineId } };
}
