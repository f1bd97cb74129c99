import type { Logger } from "@shop/service";
import { Counter } from "prom-client";
import type Stripe from "stripe";
import { isShopFault, withoutSecrets } from "./errors.ts";

const mistakes = new Counter({
  name: "shop_payment_mistakes_total",
  help: "Requests that the payment provider refused as wrong: a fault of the shop or of its settings, not of a customer",
  labelNames: ["op", "code"],
});

/** Alarms about an error that no customer can mend: a line in the log, and a counter by operation and code. */
export function alarmShopFault(
  log: Pick<Logger, "error">,
  op: string,
  orderId: string,
  error: unknown,
): void {
  if (!isShopFault(error)) return;
  const { type, code, param, statusCode, requestId } = error as InstanceType<
    typeof Stripe.errors.StripeError
  >;
  mistakes.inc({ op, code: code ?? type });
  const fields = { op, orderId, code, param, statusCode, requestId, err: withoutSecrets(error) };
  log.error(
    fields,
    "the payment provider refused a request of ours as wrong: the shop or its settings must be mended",
  );
}
