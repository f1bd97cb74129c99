import type { ServerResponse } from "node:http";
import { boundFor } from "./fair-share.ts";
import { less } from "./socket-quota.ts";

/** Bytes of requests that are being read or carried out, for all clients together. */
const maxBytes = 24 * 2 ** 20;
/** The same for one address, which could else keep all others out with bodies that it sends slowly. */
const maxBytesPerAddress = 2 * 2 ** 20;
/** An address with no more than this is not kept out by a dozen of others: a page's request takes 2 KB. */
const littleBytes = 64 * 1024;

/** Counts what the bodies of requests hold of memory, so that many large ones at once can't use it up. */
export class BodiesInFlight {
  #bytes = 0;
  #bytesOfAddresses = 0;
  readonly #byAddress = new Map<string, number>();

  /**
   * Takes bytes for one request until its response is closed; answers false when there is no room for them. Without an
   * address, for staff and with LIMITS=off, there is but the bound in all.
   */
  hold(response: ServerResponse, address?: string): (bytes: number) => boolean {
    let mine = 0;
    let isOver = false;
    response.once("close", () => {
      isOver = true;
      this.#bytes -= mine;
      if (address === undefined) return;
      this.#bytesOfAddresses -= mine;
      less(this.#byAddress, address, mine);
    });
    return (bytes) => {
      // The rest of a body whose request was refused still comes in.
      if (isOver || this.#bytes + bytes > maxBytes) return false;
      if (address !== undefined && !this.#takeFor(address, bytes)) return false;
      this.#bytes += bytes;
      mine += bytes;
      return true;
    };
  }

  #takeFor(address: string, bytes: number): boolean {
    const theirs = (this.#byAddress.get(address) ?? 0) + bytes;
    const inAll = boundFor({ max: maxBytes, little: littleBytes }, theirs);
    if (theirs > maxBytesPerAddress || this.#bytesOfAddresses + bytes > inAll) return false;
    this.#byAddress.set(address, theirs);
    this.#bytesOfAddresses += bytes;
    return true;
  }
}
