import { idempotent, keyReused, userError, type Tx, type UserError } from "@shop/service";
import { checkIdempotencyKey, isText } from "@shop/values";
import type { Deps } from "../deps.ts";
import type { NotAdvanced } from "../domain/advance-shipment.ts";
import type { ShipmentStatus } from "../domain/index.ts";
import { change, findOrderId } from "../store.ts";

/** A parcel's next step, as staff enter it for the carrier. */
export type Advance = { shipmentId: string; status: ShipmentStatus; location: string | null };

type AdvanceError = UserError<"INVALID_INPUT" | "NOT_FOUND" | "CONFLICT" | "IDEMPOTENCY_KEY_REUSED">;

/** Moves a parcel forward; returns the errors, none when it moved. Without a key, a repeated call is harmless anyway. */
export async function advanceShipment(
  { pg }: Pick<Deps, "pg">,
  caller: string,
  input: Advance,
  key: string | null,
): Promise<AdvanceError[]> {
  const mistake = mistakeIn(input, key);
  if (mistake) return [mistake];
  const work = async (tx: Tx) => {
    const orderId = await findOrderId(tx, input.shipmentId);
    if (orderId === undefined) return [errors.NO_SUCH_SHIPMENT];
    const message = { type: "AdvanceShipment", ...input, at: new Date().toISOString() } as const;
    const decision = await change(tx, orderId, message);
    if (decision.outcome === "changed" || decision.reason === "ALREADY_THERE") return [];
    return [errors[decision.reason as Exclude<NotAdvanced, "ALREADY_THERE">]];
  };
  if (key === null) return pg.transact(work);
  const claim = { caller, operation: "shipmentAdvance", key, input };
  const answered = await idempotent(pg, claim, async (tx) => {
    const answer = await work(tx);
    return { keep: answer.length === 0, answer };
  });
  return answered.reused ? [keyReused] : answered.answer;
}

const errors: Record<Exclude<NotAdvanced, "ALREADY_THERE">, AdvanceError> = {
  NO_SUCH_SHIPMENT: userError("NOT_FOUND", "There is no such shipment.", ["shipmentId"]),
  NOT_A_STEP: userError("INVALID_INPUT", "A parcel is called off by cancelling its order.", ["status"]),
  NEVER_BACKWARDS: userError("INVALID_INPUT", "The parcel is further on its way already.", ["status"]),
  NOT_BOOKED_YET: userError("CONFLICT", "The carrier has not taken the parcel yet; try again in a moment."),
  HELD: userError(
    "CONFLICT",
    "The order's payment is disputed: parcels that have not left wait until that is decided.",
  ),
  CALLED_OFF: userError("CONFLICT", "The parcel was called off."),
};

function mistakeIn({ shipmentId, location }: Advance, key: string | null): AdvanceError | undefined {
  if (!isShortText(shipmentId)) return errors.NO_SUCH_SHIPMENT;
  if (location !== null && !isShortText(location)) {
    return userError("INVALID_INPUT", "Give the place in 1 to 200 characters.", ["location"]);
  }
  return checkIdempotencyKey(key)[0];
}

function isShortText(text: string): boolean {
  return text.trim() !== "" && text.length <= 200 && isText(text);
}
