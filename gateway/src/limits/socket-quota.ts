import { fairShare, subtract } from "./fair-share.ts";

/** Limits the sockets of each address, and of all. */
export interface SocketQuota {
  /**
   * Counts a socket until `release` is called. `isAccepted` is false for one that is to be closed with the reason, because
   * its address is at its limit; undefined where even that is too much: too many refused sockets still close, or all places
   * are taken.
   */
  acquire(ip: string): { isAccepted: boolean; release(): void } | undefined;
  /** Accepted sockets of the address. */
  countOf(ip: string): number;
  /** Whether no address may open another socket. */
  readonly isFull: boolean;
}

/** Undefined `perAddress` is any number. */
export interface SocketQuotaLimits {
  inAll: number;
  perAddress: number | undefined;
}

/** Refused sockets that may wait for their close: of one address, and in all. */
const maxRefused = 20;
const maxRefusedInAll = 1_000;
/** The sockets of a household: an address with no more of them may use the last third of the limit too. */
const small = 5;

export function socketQuota({ inAll, perAddress }: SocketQuotaLimits): SocketQuota {
  const accepted = new Map<string, number>();
  const refused = new Map<string, number>();
  let acceptedInAll = 0;
  let refusedInAll = 0;

  function hasRoom(ip: string): boolean {
    if (perAddress === undefined) return acceptedInAll < inAll;
    const sockets = (accepted.get(ip) ?? 0) + 1;
    return sockets <= perAddress && acceptedInAll < fairShare({ max: inAll, small }, sockets);
  }

  return {
    acquire(ip) {
      const isAccepted = hasRoom(ip);
      const isRefusable = refusedInAll < maxRefusedInAll && (refused.get(ip) ?? 0) < maxRefused;
      if (!isAccepted && (acceptedInAll >= inAll || !isRefusable)) return undefined;
      const counts = isAccepted ? accepted : refused;
      counts.set(ip, (counts.get(ip) ?? 0) + 1);
      if (isAccepted) acceptedInAll++;
      else refusedInAll++;
      let isReleased = false;
      return {
        isAccepted,
        release() {
          if (isReleased) return;
          isReleased = true;
          subtract(counts, ip, 1);
          if (isAccepted) acceptedInAll--;
          else refusedInAll--;
        },
      };
    },
    countOf: (ip) => accepted.get(ip) ?? 0,
    get isFull() {
      return acceptedInAll >= inAll;
    },
  };
}
