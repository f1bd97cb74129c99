import { maxTokens } from "./document-limits.ts";

/** What all documents that are not kept may retain while they are carried out. */
const maxBytes = 24 * 2 ** 20;
const maxWaiting = 500;
const maxWaitingPerAddress = 100;
const sleep = 5_000;

/** What a document and its plan retain for each character (measured: 160 for a dense one), and for each word at most. */
const bytesPerCharacter = 160;
const bytesPerToken = 700;

/** Ends an operation's hold on memory; calling it twice counts once. */
export type Leave = () => void;

export interface NewDocument {
  text: string;
  ip: string;
  /** Aborted when the client has gone away: it waits no longer. */
  signal: AbortSignal;
}

interface Waiting {
  bytes: number;
  ip: string;
  begin(leave: Leave): void;
}

/**
 * Has operations whose document is not kept take turns, by the bytes that they will retain. A document's parsed form and
 * plan are 100 times as large as its text, and stay for as long as subgraphs take to answer.
 */
export class NewDocuments {
  #bytes = 0;
  readonly #waiting: Waiting[] = [];
  readonly #isPerAddress: boolean;

  /** `isPerAddress`: whether one address may have only 100 of them wait. */
  constructor({ isPerAddress }: { isPerAddress: boolean }) {
    this.#isPerAddress = isPerAddress;
  }

  /** Waits 5 s at most for its turn; undefined when it has none. */
  async enter({ text, ip, signal }: NewDocument): Promise<Leave | undefined> {
    const bytes = estimate(text);
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) return this.#begin(bytes);
    if (signal.aborted || this.#isFull(ip)) return undefined;
    return new Promise((resolve) => {
      const giveUp = () => {
        const at = this.#waiting.indexOf(waiting);
        if (at !== -1) this.#waiting.splice(at, 1);
        over(undefined);
      };
      const timer = setTimeout(giveUp, sleep);
      const over = (leave: Leave | undefined) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        resolve(leave);
      };
      const waiting: Waiting = { bytes, ip, begin: over };
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

  #begin(bytes: number): Leave {
    this.#bytes += bytes;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
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
