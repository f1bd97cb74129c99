/** The wait before try number `attempt` (from 1): doubling from `firstMs` to at most `maxMs`, varied by a tenth either way. */
export function backoffMs(attempt: number, firstMs = 50, maxMs = 5_000): number {
  const wait = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(wait * (0.9 + Math.random() * 0.2));
}
