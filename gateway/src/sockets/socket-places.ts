/** The places that one address has for its sockets. */
export interface SocketPlaces {
  /**
   * Takes a place until `leave` is called: `isFree` is false where the address has all of its own taken; undefined where it
   * has so many refused ones besides that nothing should be said to it any more.
   */
  take(ip: string): { isFree: boolean; leave(): void } | undefined;
  /** Places that are taken, refused sockets aside. */
  taken(ip: string): number;
}

/** Refused sockets of one address that may wait for their close. */
const maxRefused = 20;

/** Counts the sockets of each address, which may have `perAddress` of them; undefined for any number. */
export function socketPlaces(perAddress: number | undefined): SocketPlaces {
  const taken = new Map<string, number>();
  const refused = new Map<string, number>();
  return {
    take(ip) {
      const isFree = perAddress === undefined || (taken.get(ip) ?? 0) < perAddress;
      if (!isFree && (refused.get(ip) ?? 0) >= maxRefused) return undefined;
      const counts = isFree ? taken : refused;
      counts.set(ip, (counts.get(ip) ?? 0) + 1);
      let isOver = false;
      return {
        isFree,
        leave() {
          if (!isOver) less(counts, ip, 1);
          isOver = true;
        },
      };
    },
    taken: (ip) => taken.get(ip) ?? 0,
  };
}

/** Takes away from a count, and forgets one that has come to nothing. */
export function less<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const left = (counts.get(key) ?? 0) - by;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
