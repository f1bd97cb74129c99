import { userError, type UserError } from "@shop/service";
import type { Order } from "../domain/index.ts";
import type { ErrorCode } from "../generated/resolvers.ts";

/** The payload of `orderPay` and `orderCancel`. */
export type OrderPayload = { order: Order | null; userErrors: UserError<ErrorCode>[] };

export function notPayable(order: Order | null, message: string): OrderPayload {
  return { order, userErrors: [userError("ORDER_NOT_PAYABLE", message)] };
}

export function notFound(): OrderPayload {
  return { order: null, userErrors: [userError("NOT_FOUND", "There is no such order.", ["orderId"])] };
}
