import type { ServerResponse } from "node:http";
import { fairShare, subtract } from "./fair-share.ts";

/** The bodies of all requests that are being read or executed. */
const maxBytes = 24 * 2 ** 20;
/** The bodies of one address, which could otherwise block all others with bodies that it sends slowly. */
const maxBytesPerAddress = 2 * 2 ** 20;
/** A small holder: a dozen addresses at their limit don't block it. A page's request has 2 KB. */
const smallBytes = 64 * 1024;

/** Limits the memory of request bodies in flight, so that many large ones at once can't use it up. */
export class RequestBodyQuota {
  #bytes = 0;
  #bytesOfAddresses = 0;
  readonly #byAddress = new Map<string, number>();

  /**
   * Counts the bytes of one request until its response is closed; the returned function answers false when there is no room
   * for more. Without an address, for staff and with LIMITS=off, only the limit in all holds.
   */
  open(response: ServerResponse, address?: string): (bytes: number) => boolean {
    let held = 0;
    let isClosed = false;
    response.once("close", () => {
      isClosed = true;
      this.#bytes -= held;
      if (address === undefined) return;
      this.#bytesOfAddresses -= held;
      subtract(this.#byAddress, address, held);
    });
    return (bytes) => {
      // The rest of a refused request's body still arrives.
      if (isClosed || this.#bytes + bytes > maxBytes) return false;
      if (address !== undefined && !this.#takeFor(address, bytes)) return false;
      this.#bytes += bytes;
      held += bytes;
      return true;
    };
  }

  #takeFor(address: string, bytes: number): boolean {
    const ofAddress = (this.#byAddress.get(address) ?? 0) + bytes;
    const inAll = fairShare({ max: maxBytes, small: smallBytes }, ofAddress);
    if (ofAddress > maxBytesPerAddress || this.#bytesOfAddresses + bytes > inAll) return false;
    this.#byAddress.set(address, ofAddress);
    this.#bytesOfAddresses += bytes;
    return true;
  }
}
