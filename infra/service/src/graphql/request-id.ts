/** Letters, digits and the signs of UUIDs, traces and timestamps: nothing that could forge a line or a field of a log. */
const safe = /^[\w.:-]{1,64}$/;

/** A request's id, where it is a short and safe text; undefined otherwise. */
export function safeRequestId(given: unknown): string | undefined {
  return typeof given === "string" && safe.test(given) ? given : undefined;
}

/** The request id that the gateway sent; both log failures under it. */
export function requestIdIn({ extensions }: { extensions?: unknown }): string | undefined {
  if (typeof extensions !== "object" || extensions === null || !("requestId" in extensions)) return undefined;
  return safeRequestId(extensions.requestId);
}
