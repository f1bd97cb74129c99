/** A limit of all clients, and how much an address may hold to count as a small holder. */
export interface SharedLimit {
  max: number;
  small: number;
}

/** The part of a limit that is open to large holders; the last third stays for small ones. */
const openPart = 2 / 3;

/**
 * The limit of all clients for an address that would hold so much: a few addresses at the limits of their own use up two
 * thirds, and a small holder still finds room. Without `wouldHold`, where addresses have no limits, it is the whole.
 */
export function fairShare({ max, small }: SharedLimit, wouldHold: number | undefined): number {
  return wouldHold === undefined || wouldHold <= small ? max : Math.floor(max * openPart);
}

/** Subtracts from a count, and deletes one that reaches zero. */
export function subtract<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const left = (counts.get(key) ?? 0) - by;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
