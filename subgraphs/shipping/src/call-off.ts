import type { RequestInput, RequestReply } from "@shop/events";
import type { Postgres } from "@shop/service";
import type { StaysAsItIs } from "./domain/index.ts";
import { BegunByAnother, change } from "./store.ts";

/** Stops all parcels of an order unless one has left; the answer is final, and the same when asked again. */
export async function callOff(
  pg: Pick<Postgres, "transact">,
  asked: RequestInput<"shipping.callOff">,
): Promise<RequestReply<"shipping.callOff">> {
  const message = { type: "CallOff", ...asked, at: new Date().toISOString() } as const;
  const decide = () => pg.transact((tx) => change(tx, asked.orderId, message));
  const decision = await decide().catch((error: unknown) => {
    if (error instanceof BegunByAnother) return decide();
    throw error;
  });
  const hasLeft = decision.outcome === "ignored" && (decision.reason as StaysAsItIs) === "LEFT";
  return { outcome: hasLeft ? "left" : "called-off" };
}
