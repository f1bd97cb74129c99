import type { NewTask, RequestInput, RequestReply } from "@shop/events";
import type { Message, OrderDecision } from "@shop/order/domain";
import * as payment from "@shop/payment/domain";
import type { Decisions } from "./decisions.ts";
import type { openMonitor } from "./monitor.ts";
import type { Random } from "./random.ts";

/** What a task of payment knows while it waits for order: the payment before its call, and the bank's answer. */
type Held = { state: payment.Payment; answer: payment.CallResult; task: NewTask };

type Request = { to: "order"; asks: RequestInput<"order.win">; isAwaited: boolean; held: Held };
type Reply = {
  to: "payment";
  reply: RequestReply<"order.win"> | undefined;
  asked: RequestInput<"order.win">;
  held: Held;
};
/** Payment's request to win an order, and order's reply. */
export type Winning = Request | Reply;
/** A task of payment to be tried again, or the outcome of its capture, to be noted. */
export type Outcome =
  { to: "payment"; task: NewTask } | { to: "payment"; outcome: payment.CallResult; orderId: string };

type Shop = {
  random: Random;
  decisions: Decisions;
  monitor: ReturnType<typeof openMonitor>;
  trace: string[];
  mail: { push(one: Winning | Outcome): void };
  changeOrder: (id: string, message: Message) => OrderDecision;
  ask: (call: payment.Call) => payment.CallResult;
  report: (orderId: string, result: payment.CallResult) => void;
};

/** How a payment that holds the money wins its order by a request and captures at once, and all that may go wrong there. */
export function openWinning({ random, decisions, monitor, trace, mail, changeOrder, ask, report }: Shop) {
  /** The request or the reply may be lost, or come after payment has given up; payment may die before it has the reply. */
  function request({ asks, isAwaited, held }: Request) {
    const { orderId, attempt, paymentId, amount, cause } = asks;
    trace.push(`order is asked by attempt ${attempt} of ${orderId}`);
    const answer = (reply: Reply["reply"]) => {
      if (isAwaited) mail.push({ to: "payment", reply, asked: asks, held });
    };
    const isLate = isAwaited && random.is(0.05);
    if (isLate) mail.push({ to: "order", asks, isAwaited: false, held });
    if (isLate || (isAwaited && random.is(0.1))) return answer(undefined);
    const decision = changeOrder(orderId, { type: "WinOrder", id: cause, paymentId, attempt, amount });
    const reply = decisions.replyToWin(decision);
    monitor.win(asks, reply);
    trace.push(`  order replies ${reply.outcome} to attempt ${attempt} of ${orderId}`);
    if (isAwaited && random.is(0.1)) return dies(held);
    answer(random.is(0.1) ? undefined : reply);
  }

  /** Payment may die before the capture or after it; the capture may fail, or its answer be lost. */
  function receive({ reply, asked, held }: Reply) {
    const { orderId } = asked;
    trace.push(`payment of ${orderId} gets ${reply?.outcome ?? "nothing"} from order`);
    const call = decisions.payment.captureWon(held.state, held.answer, reply);
    monitor.captureWon(orderId, reply, call);
    if (!call) return report(orderId, held.answer);
    if (random.is(0.1)) return dies(held);
    if (random.is(0.05)) return report(orderId, held.answer);
    const outcome = payment.capturedAtOnce(ask(call), asked);
    trace.push(`  the bank reports ${outcome.kind} at once`);
    if (random.is(0.1)) return dies(held);
    if (random.is(0.05)) return report(orderId, held.answer);
    mail.push({ to: "payment", outcome, orderId });
  }

  /** The task is tried again. */
  function dies({ task }: Held) {
    trace.push("  payment dies");
    mail.push({ to: "payment", task });
  }

  return { deliver: (it: Winning) => ("asks" in it ? request(it) : receive(it)) };
}
