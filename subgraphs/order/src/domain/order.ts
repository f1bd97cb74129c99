import type { Allocation, EventData, OrderLinePart, PostalAddress } from "@shop/events";

export type ShipmentRef = EventData<"ShipmentScheduled">["shipments"][number];

/** An order: its details never change; `progress` is what events have reported, and its state follows from that. */
export type Order = OrderDetails &
  OrderState & { version: number; counter: number; progress: Progress; changedAt: Date };

/** The purchase as it was when the order was placed. */
export type OrderDetails = {
  readonly id: string;
  readonly number: string;
  readonly customerId: string | null;
  readonly email: string;
  /** A keyed hash of the network address that placed it; null where the gateway sent none. */
  readonly client: string | null;
  readonly cartId: string;
  readonly cartVersion: number;
  readonly lines: OrderLinePart[];
  readonly totals: EventData<"OrderInitiated">["totals"];
  readonly address: PostalAddress;
  readonly shippingOptionId: string;
  /** As the quote said it. Absent in orders placed before it was recorded. */
  readonly shippingOption?: { name: string; estimatedDelivery: string };
  /** The line that a flash-sale ticket buys, and until when its hold may be paid. Absent in ordinary orders. */
  readonly flashSale?: { ticketId: string; lineId: string; holdExpiresAt: string };
  readonly createdAt: Date;
};

/** Whether it buys anything besides the unit of a flash-sale ticket. */
export function hasOrdinaryLines({ lines, flashSale }: Pick<OrderDetails, "lines" | "flashSale">): boolean {
  return lines.some(({ lineId }) => lineId !== flashSale?.lineId);
}

export type OrderState =
  /** `expiresAt`: until when inventory must have answered. A new time to pay begins with the reservation. */
  | { status: "CREATED"; statusReason: string | null; expiresAt: Date }
  | { status: "AWAITING_PAYMENT"; statusReason: string | null; expiresAt: Date }
  | { status: "PAID" | "CONFIRMED" | "SHIPPED" | "DELIVERED"; statusReason: null }
  | { status: "REJECTED" | "CANCELLED" | "EXPIRED"; statusReason: string };

export type OrderStatus = Order["status"];

export type Stock =
  /** YIELDED: given back while no payment is under way; reserved anew once the order is paid. */
  | { status: "REQUESTED" | "REFUSED" | "RELEASED" | "YIELDED" }
  | {
      status: "RESERVED";
      readonly allocations: Allocation[];
      /** Whether inventory lets the order hold it while unpaid; absent is true. */
      readonly mayBeHeld?: boolean;
    };

export type DisputeStatus = "OPEN" | "WON" | "LOST";

/** Whether parcels that have not left wait: while a dispute is open, and once it is lost, for staff to cancel the order. */
export function holdsParcels({ progress: { dispute } }: Order): boolean {
  return dispute !== undefined && dispute.status !== "WON";
}

export type MoneyState = "NONE" | "AUTHORISED" | "CAPTURED" | "RETURNED";

/** The facts that events have reported of the order so far, in any order of arrival. */
export type Progress = {
  stock: Stock;
  /** Number of the order's present reservation; absent is the first. */
  stockTurn?: number;
  money: MoneyState;
  paymentId: string | null;
  /** The latest attempt to pay; 0 before the first, 1 is the checkout's own. */
  attempt: number;
  /** The `client` of the latest attempt, where it differs from the order's. */
  payer?: string;
  /** The signed-in user of the latest attempt, null for a guest; absent is the order's customer. */
  payerId?: string | null;
  /** Of the latest attempt; erased as soon as no payment will be authorised any more. */
  paymentToken: string | null;
  shipments: ShipmentRef[];
  shipmentsVersion: number;
  /** By the newest version of the payment that reported a dispute. */
  dispute?: { status: DisputeStatus; version: number };
  /** The timeline shows the payment because of a later event, although PaymentProcessed has not arrived. */
  isShownPaid?: boolean;
  /** The attempt that won the order by its request; absent where an event has decided. */
  wonBy?: number;
  /** Deduplication keys of the processed events. */
  processedKeys: string[];
  /** Idempotency hash of the cancel request that ShipmentCalledOff completed; a retry of that request answers success. */
  cancelRequest: string | null;
  /** Reminders sent since the last change, and when the next is due. */
  reminders: number;
  remindAt: Date | null;
};

export type Ended = Extract<OrderStatus, "REJECTED" | "CANCELLED" | "EXPIRED">;

/** Whether the order will be sent no more; what still arrives for it is undone by its owner. */
export function isEnded(order: Order): order is Order & { status: Ended } {
  return order.status === "REJECTED" || order.status === "CANCELLED" || order.status === "EXPIRED";
}

/** Whether its deadline ends the order unless an event moves it on first. */
export function isExpiring(order: Order): order is Order & { expiresAt: Date } {
  return order.status === "CREATED" || order.status === "AWAITING_PAYMENT";
}

export function withProgress(order: Order, more: Partial<Progress>): Order {
  return { ...order, progress: { ...order.progress, ...more } };
}

const moneyMoves: MoneyState[] = ["NONE", "AUTHORISED", "CAPTURED", "RETURNED"];

/** Money moves forward only, so that a late event can't take it back. */
export function moneyAtLeast(order: Order, money: MoneyState, paymentId: string): Order {
  const isLater = moneyMoves.indexOf(money) > moneyMoves.indexOf(order.progress.money);
  return withProgress(order, { paymentId, money: isLater ? money : order.progress.money });
}
