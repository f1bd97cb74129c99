export { adoptCapture, type ParkReason } from "./adopt-capture.ts";
export { callFor, type Call, type TaskPayload } from "./call.ts";
export { handleEvent, subscribedTypes, type SubscribedEvent } from "./handle-event.ts";
export { taskOf, undoTask } from "./transition.ts";
export {
  newPayment,
  paymentIdOf,
  publicStatus,
  type Dispute,
  type FailureCode,
  type Payment,
  type PaymentStatus,
} from "./payment.ts";
export { capturedAtOnce, captureWon, winRequest } from "./win-order.ts";
export { applyBooks, type Books } from "./apply-books.ts";
export { applyIntent, unknownCapture, type Intent } from "./apply-intent.ts";
export { applyResult } from "./apply-result.ts";
export type { CallResult } from "./call-result.ts";
