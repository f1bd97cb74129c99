/** The part of a graph's answer that has errors. */
type Answered = { data?: unknown; errors?: readonly { message: string; extensions?: object }[] };

const recent: string[] = [];
const maxKept = 10;

/** Keeps an answer's errors and user errors: a test that fails later, on a null that it reads, prints them. */
export function noteRefusals(asked: string, { data, errors }: Answered): void {
  const payloads = typeof data === "object" && data !== null ? Object.values(data) : [];
  const refused = payloads.flatMap((payload: unknown) => userErrorsOf(payload));
  if ((errors?.length ?? 0) + refused.length === 0) return;
  const name = /\b(?:query|mutation|subscription)\s+(\w+)/.exec(asked)?.[1] ?? asked.trim().slice(0, 80);
  recent.push(`${name}: ${JSON.stringify([...(errors ?? []), ...refused]).slice(0, 1_000)}`);
  if (recent.length > maxKept) recent.shift();
}

/** The refusals since the last call, the oldest first. */
export function takeRefusals(): string[] {
  return recent.splice(0);
}

function userErrorsOf(payload: unknown): unknown[] {
  if (typeof payload !== "object" || payload === null || !("userErrors" in payload)) return [];
  return Array.isArray(payload.userErrors) ? payload.userErrors : [];
}
