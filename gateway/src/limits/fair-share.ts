/** What all clients may hold of something together, and how much of it is little for one address. */
export interface SharedBound {
  max: number;
  little: number;
}

/** The part of a bound that addresses may use up which hold more than little: the rest stays for all others. */
const openPart = 2 / 3;

/**
 * How much all may hold together for an address to be given its share of it: a few addresses that take all that each may
 * have use up two thirds, and one that would hold little then still finds room. Without `wouldHold`, where addresses have no
 * limits of their own, it is all.
 */
export function boundFor({ max, little }: SharedBound, wouldHold: number | undefined): number {
  return wouldHold === undefined || wouldHold <= little ? max : Math.floor(max * openPart);
}
