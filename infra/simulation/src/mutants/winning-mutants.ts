import { ignored } from "@shop/events";
import { asIf, order, payment, type Mutant } from "./mutant.ts";

const won = { outcome: "won" } as const;

/** Mistakes in how a payment wins its order by a request and captures at once. */
export const winningMutants: Mutant[] = [
  payment("captures at once whatever order replies", ({ captureWon }) => ({
    captureWon: (known, result, reply) => captureWon(known, result, reply && won),
  })),
  payment("takes a missing reply for a won order", ({ captureWon }) => ({
    captureWon: (known, result, reply) => captureWon(known, result, reply ?? won),
  })),
  payment("asks to win for a cent more", ({ winRequest }) => ({
    winRequest(known, result) {
      const asked = winRequest(known, result);
      return asked && { ...asked, amount: { ...asked.amount, amount: asked.amount.amount + 1 } };
    },
  })),
  payment("asks to win without its cause", ({ winRequest }) => ({
    winRequest(known, result) {
      const asked = winRequest(known, result);
      return asked && { ...asked, cause: "no-event" };
    },
  })),
  payment("forgets what it has captured at once", ({ applyResult }) => ({
    applyResult: (before, result) =>
      before.status === "AUTHORIZING" && (result.kind === "captured" || result.kind === "capture-refused")
        ? ignored("OLD_ANSWER")
        : applyResult(before, result),
  })),
  payment("keeps what it has captured at once for an order that has ended", ({ applyResult }) => ({
    applyResult: (before, result) =>
      applyResult(result.kind === "captured" ? { ...before, ended: null } : before, result),
  })),
  payment("doesn't say that an attempt has failed after the end", ({ applyResult }) => ({
    applyResult(before, result) {
      const decision = applyResult(before, result);
      const isEnd = decision.outcome === "changed" && before.ended !== null && result.kind === "declined";
      return isEnd ? { ...decision, events: [] } : decision;
    },
  })),
  replies("has won although it has ended", (reply) => (reply.outcome === "lost" ? won : reply)),
  replies("is won by every attempt that asks", (reply) => (reply.outcome === "not-yet" ? won : reply)),
  {
    name: "order says something else to the winner that asks again",
    mutate: (ours) => ({
      ...ours,
      replyToWin: (decision) =>
        decision.outcome === "ignored" && decision.reason === "ALREADY_WON"
          ? { outcome: "not-yet", reason: decision.reason }
          : ours.replyToWin(decision),
    }),
  },
  order("lets a request win it after it was cancelled", (decide) => (before, message, at) => {
    const isLate = message.type === "WinOrder" && before?.status === "CANCELLED";
    const open = { status: "AWAITING_PAYMENT", expiresAt: at.now };
    return decide(isLate ? asIf(before, open) : before, message, at);
  }),
  order("lets another attempt win it once more", (decide) => (before, message, at) => {
    const isSecond = message.type === "WinOrder" && before?.status === "PAID";
    const open = { status: "AWAITING_PAYMENT", expiresAt: at.now };
    return decide(isSecond ? asIf(before, open) : before, message, at);
  }),
  order("lets a request win it before its stock is reserved", (decide) => (before, message, at) => {
    if (message.type !== "WinOrder" || before?.status !== "CREATED") return decide(before, message, at);
    const progress = { ...before.progress, stock: { status: "RESERVED", allocations: [] } };
    return decide(asIf(before, { status: "AWAITING_PAYMENT", progress }), message, at);
  }),
  order("lets an attempt win it that has failed", (decide) => (before, message, at) => {
    if (message.type !== "WinOrder" || !before) return decide(before, message, at);
    const { processedKeys } = before.progress;
    const known = processedKeys.filter((key) => !key.startsWith("PaymentFailed:"));
    return decide(asIf(before, { progress: { ...before.progress, processedKeys: known } }), message, at);
  }),
  order("shows nothing of a payment that wins by a request", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    if (decision.outcome === "ignored" || message.type !== "WinOrder") return decision;
    return { ...decision, timeline: [], state: { ...decision.state, counter: before?.counter ?? 0 } };
  }),
  order("shows the payment that has won once more", (decide) => (before, message, at) => {
    const isProcessed = message.type === "PaymentProcessed" && before?.status === "PAID";
    if (!isProcessed) return decide(before, message, at);
    const { wonBy: _, ...progress } = before.progress;
    return decide(asIf(before, { progress }), message, at);
  }),
  order("forgets that the winner waits for OrderPaid", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    const isWaiting = message.type === "PaymentProcessed" && before?.progress.wonBy !== undefined;
    return isWaiting && decision.outcome === "changed" ? { ...decision, events: [] } : decision;
  }),
  order("stays paid when the attempt that has won is lost", (decide) => (before, message, at) => {
    if (message.type !== "PaymentFailed" || !before) return decide(before, message, at);
    const { wonBy, ...progress } = before.progress;
    const decision = decide(asIf(before, { progress }), message, at);
    if (decision.outcome === "ignored" || wonBy === undefined) return decision;
    return { ...decision, state: { ...decision.state, progress: { ...decision.state.progress, wonBy } } };
  }),
];

type Reply = ReturnType<Parameters<Mutant["mutate"]>[0]["replyToWin"]>;

function replies(that: string, change: (reply: Reply) => Reply): Mutant {
  return {
    name: `order replies that it ${that}`,
    mutate: (ours) => ({ ...ours, replyToWin: (decision) => change(ours.replyToWin(decision)) }),
  };
}
