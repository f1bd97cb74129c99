import type { PayloadOf } from "../src/answer.ts";
import type { CheckoutInput, OrderStatus } from "../src/generated/operations.ts";
import type { Shopper } from "../src/shopper.ts";
import { key, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";

/** What a client may send again: under its key as it was, or under its key with another body. */
export type IdempotentCall = { name: string; again(): Promise<CallAnswer>; otherwise(): Promise<CallAnswer> };
/** The answers of the three calls. */
export type CallAnswer = PayloadOf<"checkout"> | PayloadOf<"order-pay"> | PayloadOf<"order-cancel">;

/** Checks out one order, pays a second and cancels a third, each under a key; the orders' ids and the calls. */
export async function callUnderKeys(
  guest: Shopper,
): Promise<{ orderIds: string[]; calls: IdempotentCall[] }> {
  const [one] = await plentyOf(guest, 1);
  const skus = [one?.sku ?? ""];
  const checkout = async (input: CheckoutInput) => (await guest.get("checkout", { input })).checkout;
  const order = async (input: CheckoutInput, status: OrderStatus) => {
    const answer = await checkout(input);
    const [orderId, token] = [answer.order.id, answer.orderToken];
    await untilOrder(guest, orderId, token, [status]);
    return { orderId, token };
  };

  const bought = { ...(await readyCart(guest, skus)), idempotencyKey: key() };
  const first = await order(bought, "CONFIRMED");

  const { paymentMethod: _, ...unpaid } = await readyCart(guest, skus);
  const second = await order({ ...unpaid, idempotencyKey: key() }, "AWAITING_PAYMENT");
  const paid = { ...second, paymentMethod: { token: "pm_card_visa" }, idempotencyKey: key() };
  const pay = async (input: typeof paid) => (await guest.get("order-pay", input)).orderPay;
  await pay(paid);
  await untilOrder(guest, second.orderId, second.token, ["CONFIRMED"]);

  const third = await order({ ...(await readyCart(guest, skus)), idempotencyKey: key() }, "CONFIRMED");
  const cancelled = { ...third, reason: "too many", idempotencyKey: key() };
  const cancel = async (input: typeof cancelled) => (await guest.get("order-cancel", input)).orderCancel;
  await cancel(cancelled);
  await untilOrder(guest, third.orderId, third.token, ["CANCELLED"]);

  const otherCard = { ...paid, paymentMethod: { token: "pm_card_mastercard" } };
  return {
    orderIds: [first, second, third].map(({ orderId }) => orderId),
    calls: [
      {
        name: "checkout",
        again: () => checkout(bought),
        otherwise: () => checkout({ ...bought, email: "other@shop.test" }),
      },
      { name: "orderPay", again: () => pay(paid), otherwise: () => pay(otherCard) },
      {
        name: "orderCancel",
        again: () => cancel(cancelled),
        otherwise: () => cancel({ ...cancelled, reason: "else" }),
      },
    ],
  };
}
