import type { RequestInput, RequestReply } from "@shop/events";
import type { Deps } from "../deps.ts";
import type { NotCalledOff } from "../domain/index.ts";
import { change, ConcurrentInsert } from "../store.ts";

/** Stops all parcels of an order unless one has left; the answer is final, and a repeated request gets the same. */
export async function callOff(
  { pg }: Pick<Deps, "pg">,
  request: RequestInput<"shipping.callOff">,
): Promise<RequestReply<"shipping.callOff">> {
  const message = { type: "CallOff", ...request, at: new Date().toISOString() } as const;
  const decide = () => pg.transact((tx) => change(tx, request.orderId, message));
  const decision = await decide().catch((error: unknown) => {
    if (error instanceof ConcurrentInsert) return decide();
    throw error;
  });
  const hasLeft = decision.outcome === "ignored" && (decision.reason as NotCalledOff) === "LEFT";
  return { outcome: hasLeft ? "left" : "called-off" };
}
