/** An answer of the graph, as far as it tells what was refused. */
type Answered = { data?: unknown; errors?: readonly { message: string; extensions?: object }[] };

const recent: string[] = [];
const mostKept = 10;

/** Keeps what was refused: a test that fails later, by reading what isn't there, prints it. */
export function noteRefusals(asked: string, { data, errors }: Answered): void {
  const payloads = typeof data === "object" && data !== null ? Object.values(data) : [];
  const refused = payloads.flatMap((payload: unknown) => userErrorsOf(payload));
  if ((errors?.length ?? 0) + refused.length === 0) return;
  const name = /\b(?:query|mutation|subscription)\s+(\w+)/.exec(asked)?.[1] ?? asked.trim().slice(0, 80);
  recent.push(`${name}: ${JSON.stringify([...(errors ?? []), ...refused]).slice(0, 1_000)}`);
  if (recent.length > mostKept) recent.shift();
}

/** What was refused since the last time, the oldest first. */
export function takeRefusals(): string[] {
  return recent.splice(0);
}

function userErrorsOf(payload: unknown): unknown[] {
  if (typeof payload !== "object" || payload === null || !("userErrors" in payload)) return [];
  return Array.isArray(payload.userErrors) ? payload.userErrors : [];
}
