import type { Money } from "@shop/values";
import type { FailureCode } from "./payment.ts";

/** The result of a call to the provider. */
export type CallResult =
  | { kind: "authorized"; attempt: number; intentId: string }
  | { kind: "action-required"; attempt: number; intentId: string; clientSecret: string }
  | {
      kind: "declined";
      attempt: number;
      intentId: string | null;
      /** The default is DECLINED. */
      code?: FailureCode;
      reason: string;
      isIntentGone?: boolean;
      /** No call was made, so that no earlier try can have won the order. */
      isUntried?: boolean;
    }
  /** `attempt`: captured by the task of the attempt, which had won the order. */
  | { kind: "captured"; intentId: string; received?: Money | null; attempt?: number }
  | { kind: "capture-refused"; intentId: string; reason: string; attempt?: number }
  | { kind: "voided"; intentId: string }
  /** A stray was to be cancelled and has captured: whether an order owns that must be found out. */
  | { kind: "stray-captured"; intentId: string }
  /** `amount`: all that was refunded so far, in minor units. */
  | { kind: "refunded"; intentId: string; amount: number }
  /** Not all is refunded: a refund is pending, or the last of `failed` refunds has failed. */
  | { kind: "refund-open"; intentId: string; amount: number; failed: number; isPending: boolean };
