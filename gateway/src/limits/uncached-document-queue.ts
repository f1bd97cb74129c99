import { maxTokens } from "./operation-limits.ts";

/** Maximum bytes that the uncached documents of all running operations retain. */
const maxBytes = 24 * 2 ** 20;
const maxWaiting = 500;
const maxWaitingPerAddress = 100;
const maxWaitMs = 5_000;

/** Bytes that a document and its plan retain for each character (measured: 160 for a dense one), and for each token at most. */
const bytesPerCharacter = 160;
const bytesPerToken = 700;

/** Releases an operation's memory; calling it twice counts once. */
export type Release = () => void;

export interface UncachedDocument {
  text: string;
  ip: string;
  /** Aborted when the client has gone away: its document leaves the queue. */
  signal: AbortSignal;
}

interface Waiting {
  bytes: number;
  ip: string;
  begin(release: Release): void;
}

/**
 * Queues operations whose document is not cached, by the bytes that they will retain. A document's parsed form and plan are
 * 100 times as large as its text, and stay until the subgraphs have answered.
 */
export class UncachedDocumentQueue {
  #bytes = 0;
  readonly #waiting: Waiting[] = [];
  readonly #isPerAddress: boolean;

  /** `isPerAddress`: whether an address may have only 100 documents in the queue. */
  constructor({ isPerAddress }: { isPerAddress: boolean }) {
    this.#isPerAddress = isPerAddress;
  }

  /** Waits 5 s at most for room; undefined when there is none. */
  async enter({ text, ip, signal }: UncachedDocument): Promise<Release | undefined> {
    const bytes = estimate(text);
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) return this.#begin(bytes);
    if (signal.aborted || this.#isFull(ip)) return undefined;
    return new Promise((resolve) => {
      const giveUp = () => {
        const at = this.#waiting.indexOf(waiting);
        if (at !== -1) this.#waiting.splice(at, 1);
        settle(undefined);
      };
      const timer = setTimeout(giveUp, maxWaitMs);
      const settle = (release: Release | undefined) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        resolve(release);
      };
      const waiting: Waiting = { bytes, ip, begin: settle };
      this.#waiting.push(waiting);
      signal.addEventListener("abort", giveUp);
    });
  }

  #isFull(ip: string): boolean {
    if (this.#waiting.length >= maxWaiting) return true;
    return this.#isPerAddress && this.#waiting.filter((one) => one.ip === ip).length >= maxWaitingPerAddress;
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= maxBytes;
  }

  #begin(bytes: number): Release {
    this.#bytes += bytes;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#bytes -= bytes;
      for (let next = this.#waiting[0]; next && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
        this.#waiting.shift();
        next.begin(this.#begin(next.bytes));
      }
    };
  }
}

function estimate(text: string): number {
  return 2 * text.length + Math.min(bytesPerCharacter * text.length, bytesPerToken * maxTokens);
}
