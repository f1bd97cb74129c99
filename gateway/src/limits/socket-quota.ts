import { boundFor } from "./fair-share.ts";

/** The places that one address has for its sockets. */
export interface SocketPlaces {
  /**
   * Takes a place until `leave` is called: `isFree` is false where the address has all of its own taken; undefined where it
   * has so many refused ones besides that nothing should be said to it any more, and where all are taken.
   */
  take(ip: string): { isFree: boolean; leave(): void } | undefined;
  /** Places that are taken, refused sockets aside. */
  taken(ip: string): number;
  /** Whether no address has a free one. */
  readonly isFull: boolean;
}

/** Undefined `perAddress`: any number. */
export interface SocketPlaceLimits {
  inAll: number;
  perAddress: number | undefined;
}

/** Refused sockets that may wait for their close: of one address, and in all. */
const maxRefused = 20;
const maxRefusedInAll = 1_000;
/** With no more sockets than these, an address may use the last third of all places too: a household's. */
const little = 5;

/** Counts the sockets of each address, and of all. */
export function socketPlaces({ inAll, perAddress }: SocketPlaceLimits): SocketPlaces {
  const taken = new Map<string, number>();
  const refused = new Map<string, number>();
  let takenInAll = 0;
  let refusedInAll = 0;

  function hasPlace(ip: string): boolean {
    if (perAddress === undefined) return takenInAll < inAll;
    const mine = (taken.get(ip) ?? 0) + 1;
    return mine <= perAddress && takenInAll < boundFor({ max: inAll, little }, mine);
  }

  return {
    take(ip) {
      const isFree = hasPlace(ip);
      const isRefusable = refusedInAll < maxRefusedInAll && (refused.get(ip) ?? 0) < maxRefused;
      if (!isFree && (takenInAll >= inAll || !isRefusable)) return undefined;
      const counts = isFree ? taken : refused;
      counts.set(ip, (counts.get(ip) ?? 0) + 1);
      if (isFree) takenInAll++;
      else refusedInAll++;
      let isOver = false;
      return {
        isFree,
        leave() {
          if (isOver) return;
          isOver = true;
          less(counts, ip, 1);
          if (isFree) takenInAll--;
          else refusedInAll--;
        },
      };
    },
    taken: (ip) => taken.get(ip) ?? 0,
    get isFull() {
      return takenInAll >= inAll;
    },
  };
}

/** Takes away from a count, and forgets one that has come to nothing. */
export function less<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const left = (counts.get(key) ?? 0) - by;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
