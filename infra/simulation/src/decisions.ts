import * as inventory from "@shop/inventory/reference-model";
import * as order from "@shop/order/domain";
import * as payment from "@shop/payment/domain";
import * as shipping from "@shop/shipping/domain";

/** Every decision of the saga, replaceable one by one: the simulation must find a mutant of any. */
export type Decisions = {
  order: typeof order.decide;
  replyToWin: typeof order.replyToWin;
  payment: Pick<
    typeof payment,
    "handleEvent" | "applyResult" | "applyIntent" | "callFor" | "winRequest" | "captureWon"
  >;
  shipping: typeof shipping.decide;
  inventory: typeof inventory.apply;
  sale: typeof inventory.applyToSale;
};

/** The services' own decisions. */
export const ourDecisions: Decisions = {
  order: order.decide,
  replyToWin: order.replyToWin,
  payment: {
    handleEvent: payment.handleEvent,
    applyResult: payment.applyResult,
    applyIntent: payment.applyIntent,
    callFor: payment.callFor,
    winRequest: payment.winRequest,
    captureWon: payment.captureWon,
  },
  shipping: shipping.decide,
  inventory: inventory.apply,
  sale: inventory.applyToSale,
};
