/** Times in ms. */
export type Percentiles = { p50: number; p95: number; p99: number };

/** Of no times: zeros. Sorts in place. */
export function percentiles(times: number[]): Percentiles {
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
