import type { ServerResponse } from "node:http";

/** Bytes of requests that are being read or carried out, for all clients together. */
const maxBytes = 24 * 2 ** 20;

/** Counts what the bodies of requests hold of memory, so that many large ones at once can't use it up. */
export class BodiesInFlight {
  #bytes = 0;

  /** Takes bytes for one request until its response is closed; answers false when there is no room for them. */
  hold(response: ServerResponse): (bytes: number) => boolean {
    let mine = 0;
    response.once("close", () => (this.#bytes -= mine));
    return (bytes) => {
      if (this.#bytes + bytes > maxBytes) return false;
      this.#bytes += bytes;
      mine += bytes;
      return true;
    };
  }
}
