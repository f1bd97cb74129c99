import type { Money } from "@shop/values";
import { totalOf } from "./transition.ts";
import type { Payment } from "./payment.ts";
import type { CallResult } from "./call-result.ts";

/** A call to the provider. */
export type Call =
  | {
      op: "authorize";
      orderId: string;
      attempt: number;
      token: string;
      total: Money;
      intentId: string | null;
    }
  | { op: "capture"; orderId: string; intentId: string }
  /** `isStray`: not the payment's own intent, so what it has captured is not refunded. */
  | { op: "undo"; orderId: string; intentId: string; isCaptured: boolean; isStray?: boolean };

export type TaskPayload = { orderId: string; attempt?: number | undefined; intentId?: string | undefined };

/**
 * The call that a task makes now; its result where no call is needed; undefined when the task is obsolete.
 * `isFirstTry`: no earlier try can have made the call.
 */
export function callFor(
  kind: "authorize" | "capture" | "undo",
  task: TaskPayload,
  state: Payment,
  isFirstTry: boolean,
): { call: Call } | { result: CallResult } | undefined {
  const { orderId, intentId } = state;
  switch (kind) {
    case "authorize": {
      const { attempt, token } = state;
      if (state.status !== "AUTHORIZING" || attempt !== task.attempt || token === null) return undefined;
      if (state.ended !== null && isFirstTry) {
        const declined = { kind: "declined", attempt, intentId, code: "NOT_CONFIRMED" } as const;
        return { result: { ...declined, reason: "The order has ended.", isUntried: true } };
      }
      return { call: { op: "authorize", orderId, attempt, token, total: totalOf(state), intentId } };
    }
    case "capture":
      if (state.status !== "CAPTURING" || intentId === null) return undefined;
      return { call: { op: "capture", orderId, intentId } };
    case "undo": {
      const undone = task.intentId;
      if (undone === undefined) return undefined;
      if (undone !== intentId) {
        return { call: { op: "undo", orderId, intentId: undone, isCaptured: false, isStray: true } };
      }
      const isCaptured = state.status === "REFUNDING" || state.status === "REFUNDED";
      // A refunded payment is read again when the provider reports that the refund has failed after all.
      const isWanted = isCaptured || state.status === "CLOSING" || state.status === "VOIDING";
      if (!isWanted) return undefined;
      return { call: { op: "undo", orderId, intentId, isCaptured } };
    }
  }
}
