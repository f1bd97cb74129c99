import type { Logger } from "@shop/service";
import { Counter } from "prom-client";
import type { ParkReason } from "../domain/index.ts";

/** Alarms about what was parked: a line in the log, and a counter by its reason. */
export function alarmParked(
  log: Pick<Logger, "error">,
  reason: ParkReason | "EVENT_FAILED",
  fields: object,
  text: string,
): void {
  parkedTotal.inc({ reason });
  log.error({ ...fields, reason }, text);
}

const parkedTotal = new Counter({
  name: "shop_payment_parked_total",
  help: "Captures that no payment owns and events that could not be handled, parked for staff to see to",
  labelNames: ["reason"],
});
