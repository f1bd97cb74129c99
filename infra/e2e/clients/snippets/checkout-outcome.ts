/** What `CheckoutLean` and `Checkout` answer. */
type CheckoutAnswer = {
  data?: {
    checkout: {
      order: { id: string; number: string } | null;
      problems: { __typename: string; lineId?: string; available?: number }[];
      userErrors: { code: string; message: string; field?: string[] | null }[];
    };
  } | null;
  errors?: { message: string; extensions?: { code?: string; retryAfterSeconds?: number } }[];
};

/** What a shop front does next. */
export type NextStep =
  | { step: "watch the order"; orderId: string }
  | { step: "show the cart again"; problems: string[] }
  | { step: "show at the field"; field: string; message: string }
  | { step: "read the cart anew" }
  | { step: "show the message"; message: string }
  | { step: "send it again under the same key"; afterSeconds: number }
  | { step: "sign in again" };

/** Decides what a shop front does with the answer to a checkout. */
export function nextStepAfter({ data, errors }: CheckoutAnswer): NextStep {
  const [fault] = errors ?? [];
  if (fault) {
    const { code, retryAfterSeconds = 2 } = fault.extensions ?? {};
    if (code === "UNAUTHENTICATED") return { step: "sign in again" };
    // It may have been carried out: the same idempotencyKey makes one order of both.
    if (code === "SERVICE_UNAVAILABLE" || code === "RATE_LIMITED" || code === "INTERNAL_SERVER_ERROR")
      return { step: "send it again under the same key", afterSeconds: retryAfterSeconds };
    return { step: "show the message", message: fault.message };
  }
  if (!data) return { step: "send it again under the same key", afterSeconds: 2 };
  const { order, problems, userErrors } = data.checkout;
  const [refusal] = userErrors;
  // With CONFLICT an order comes as well: the one that this version of the cart has become.
  if (order) return { step: "watch the order", orderId: order.id };
  if (problems.length > 0)
    return { step: "show the cart again", problems: problems.map(({ __typename }) => __typename) };
  if (refusal?.code === "STALE_VERSION") return { step: "read the cart anew" };
  if (refusal?.field)
    return { step: "show at the field", field: refusal.field.join("."), message: refusal.message };
  return { step: "show the message", message: refusal?.message ?? "Please try again." };
}
