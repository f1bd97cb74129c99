import { dispute, type Dispute } from "../dispute.ts";
import { newId } from "../new-id.ts";
import type { Intent } from "../payment-intent.ts";
import type { RouteDeps } from "./route.ts";

export function openDispute(
  { store, emit }: Pick<RouteDeps, "store" | "emit">,
  intent: Intent,
  reason: string,
  created: number,
): Dispute {
  const opened = dispute(intent, store.disputesOf(intent.id), { id: newId("dp"), reason, created });
  store.saveDispute(opened);
  emit("charge.dispute.created", opened);
  return opened;
}
