export { adoptCapture, type ParkReason } from "./adopt-capture.ts";
export { callFor, type Call, type TaskPayload } from "./call.ts";
export { hear, subscribedTypes, type Heard } from "./hear.ts";
export { taskOf, undoTask } from "./move.ts";
export {
  newPayment,
  paymentIdOf,
  publicStatus,
  type Dispute,
  type FailureCode,
  type Payment,
  type PaymentStatus,
  type PublicStatus,
} from "./payment.ts";
export { readBooks, type Books } from "./read-books.ts";
export { readIntent, unknownCapture, type Intent } from "./read-intent.ts";
export { report, type Report } from "./report.ts";
