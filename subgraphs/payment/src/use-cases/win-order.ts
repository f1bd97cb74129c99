import type { Deps } from "../deps.ts";
import { capturedAtOnce, captureWon, winRequest, type CallResult, type Payment } from "../domain/index.ts";
import { withoutSecrets } from "../stripe/errors.ts";
import { perform } from "../stripe/perform.ts";

/**
 * Lets an attempt that holds the money win its order and captures it at once, which saves the hops of PaymentProcessed and
 * OrderPaid. Whatever fails here, and whatever order replies but `won`, leaves the authorisation to be reported: those events
 * then lead to the same end, also where the capture or the win has been made and only its answer was lost.
 */
export async function winAndCapture(
  deps: Deps,
  known: Payment,
  result: CallResult,
  tries: number,
): Promise<CallResult> {
  const asked = winRequest(known, result);
  if (!asked) return result;
  try {
    const call = captureWon(known, result, await deps.win(asked));
    return call ? capturedAtOnce(await perform(deps, call, tries), asked) : result;
  } catch (error) {
    const { orderId } = asked;
    deps.log.warn({ err: withoutSecrets(error), orderId }, "a payment did not win at once; its events go on");
    return result;
  }
}
