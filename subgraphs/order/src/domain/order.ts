import type { Allocation, EventData, OrderLinePart, PostalAddress } from "@shop/events";

export type ShipmentRef = EventData<"ShipmentScheduled">["shipments"][number];

/** An order: what was bought never changes, `progress` is what others have told, and `status` what follows from it. */
export type Order = Bought & Standing & { version: number; counter: number; progress: Progress };

/** As it was when the order was placed. */
export type Bought = {
  readonly id: string;
  readonly number: string;
  readonly customerId: string | null;
  readonly email: string;
  /** A keyed hash of the address that it was placed from; null where the gateway said none. */
  readonly client?: string | null;
  readonly cartId: string;
  readonly cartVersion: number;
  readonly lines: OrderLinePart[];
  readonly totals: EventData<"OrderInitiated">["totals"];
  readonly address: PostalAddress;
  readonly shippingOptionId: string;
  readonly createdAt: Date;
};

export type Standing =
  /** `expiresAt`: until when the stock must have answered. It runs anew once that is reserved. */
  | { status: "CREATED"; statusReason: string | null; expiresAt: Date }
  | { status: "AWAITING_PAYMENT"; statusReason: string | null; expiresAt: Date }
  | { status: "PAID" | "CONFIRMED" | "SHIPPED" | "DELIVERED"; statusReason: null }
  | { status: "REJECTED" | "CANCELLED" | "EXPIRED"; statusReason: string };

export type OrderStatus = Order["status"];

export type Stock =
  /** YIELDED: given back while nobody pays; reserved anew once the order is paid. */
  | { is: "ASKED" | "REFUSED" | "RELEASED" | "YIELDED" }
  | {
      is: "RESERVED";
      readonly allocations: Allocation[];
      /** Whether inventory lets it stay set aside while nobody pays; absent is true. */
      readonly mayBeHeld?: boolean;
    };

export type DisputeStatus = "OPEN" | "WON" | "LOST";

/** Parcels that have not left wait: while it is open, and once it is lost, for staff to cancel the order. */
export function isHeld({ progress: { dispute } }: Order): boolean {
  return dispute !== undefined && dispute.status !== "WON";
}

export type MoneyState = "NONE" | "AUTHORISED" | "CAPTURED" | "RETURNED";

/** What others have told of the order so far, in whatever order it came. */
export type Progress = {
  stock: Stock;
  /** Which of its reservations this is; absent is the first. */
  stockTurn?: number;
  money: MoneyState;
  paymentId: string | null;
  /** The latest attempt to pay; 0 while nobody has asked for a payment, 1 is the checkout's own. */
  attempt: number;
  /** Where the latest attempt came from, as `client`, when not from where the order did. */
  payer?: string;
  /** The signed-in user who made it, null for a guest; absent is the order's customer. */
  payerId?: string | null;
  /** Of the latest attempt; erased as soon as nothing will be authorised any more. */
  paymentToken: string | null;
  shipments: ShipmentRef[];
  shipmentsVersion: number;
  /** By the newest version of the payment that told of one; orders of earlier releases have none. */
  dispute?: { status: DisputeStatus; version: number };
  /** The timeline shows the payment, which something later told of, although PaymentProcessed has not come. */
  isShownPaid?: boolean;
  /** What was heard, so that the same thing told again under another id changes nothing. */
  heard: string[];
  /** The wish to cancel that shipping's news carried out, so that whoever repeats it is told that it succeeded. */
  cancelRequest: string | null;
  /** How often the others were reminded since the last change, and when they are next. */
  reminders: number;
  remindAt: Date | null;
};

export type Ended = Extract<OrderStatus, "REJECTED" | "CANCELLED" | "EXPIRED">;

/** Whether nothing will be sold with it any more; everything that still comes in is undone by its owner. */
export function isEnded(order: Order): order is Order & { status: Ended } {
  return order.status === "REJECTED" || order.status === "CANCELLED" || order.status === "EXPIRED";
}

/** Whether it is ended by its deadline unless something else is faster. */
export function isExpiring(order: Order): order is Order & { expiresAt: Date } {
  return order.status === "CREATED" || order.status === "AWAITING_PAYMENT";
}

export function note(order: Order, news: Partial<Progress>): Order {
  return { ...order, progress: { ...order.progress, ...news } };
}

const moneyMoves: MoneyState[] = ["NONE", "AUTHORISED", "CAPTURED", "RETURNED"];

/** Money only moves forward, so a late message can't take it back. */
export function moneyAtLeast(order: Order, money: MoneyState, paymentId: string): Order {
  const isLater = moneyMoves.indexOf(money) > moneyMoves.indexOf(order.progress.money);
  return note(order, { paymentId, money: isLater ? money : order.progress.money });
}
