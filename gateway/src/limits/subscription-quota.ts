import type { GraphQLError } from "graphql";
import { subscriptionsTooLarge, tooManyDocuments, tooManySubscriptions } from "../errors/coded-errors.ts";
import type { Caller } from "../identity/caller.ts";
import { boundFor, type SharedBound } from "./fair-share.ts";
import { less } from "./socket-quota.ts";

/** How many subscriptions may run at once in this gateway. Undefined: any number. */
export interface SubscriptionLimits {
  inAll: number;
  perAddress: number | undefined;
  perUser: number | undefined;
}

/** What a subscription keeps for as long as it runs. */
export interface SubscriptionSize {
  ip: string;
  caller: Caller;
  /** Subscriptions of one document share it. The shop's own operations take no bytes. */
  document: { key: string; bytes: number };
  variableBytes: number;
}

/** A few subscriptions of a household: an address with no more of them may use the last third of all places too. */
const littleRunning = 20;

/**
 * What documents and variables may take, estimated. Measured by resident memory, what is counted as 16 MB takes 55 MB: each
 * document of its own is planned, and its plan and the way to its service's events stay too.
 */
const bytesInAll: SharedBound = { max: 16 * 2 ** 20, little: 128 * 1024 };
const maxBytesPerAddress = 2 ** 20;
/** Documents that an address may run at once, the shop's own aside. */
const maxDocumentsPerAddress = 50;
/** Variables up to this size (an order's id, its token, a cursor) are not counted: the number of subscriptions bounds them. */
const freeVariableBytes = 2 * 1024;

/**
 * Counts running subscriptions and what they keep, by user, by address and in all. What is kept in all for addresses that
 * hold little, a few others can't use up.
 */
export class SubscriptionPlaces {
  readonly #limits: SubscriptionLimits;
  readonly #running = new Map<string, number>();
  readonly #bytes = new Map<string, number>();
  readonly #documents = new Map<string, number>();
  /** Documents that take something, by scope. */
  readonly #owned = new Map<string, number>();

  constructor(limits: SubscriptionLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running.get(everybody) ?? 0;
  }

  /** Takes a place until the answered function is called, which counts once; an error where there is none. */
  take(given: SubscriptionSize): (() => void) | GraphQLError {
    const size = { ...given, variableBytes: Math.max(0, given.variableBytes - freeVariableBytes) };
    const scopes = this.#scopesOf(size);
    const refusal = this.#refusalOf(size, scopes);
    if (refusal) return refusal;
    for (const { key } of scopes) this.#add(key, size);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const { key } of scopes) this.#remove(key, size);
    };
  }

  #refusalOf(size: SubscriptionSize, scopes: Scope[]): GraphQLError | undefined {
    for (const { key, name, maxRunning } of scopes) {
      if (maxRunning !== undefined && (this.#running.get(key) ?? 0) >= maxRunning)
        return tooManySubscriptions(name, maxRunning);
    }
    for (const { key, name, maxBytes, maxDocuments } of scopes) {
      const more = this.#moreBytes(key, size);
      // What takes nothing more is not refused for what others take.
      if (more === 0) continue;
      if (maxBytes !== undefined && (this.#bytes.get(key) ?? 0) + more > maxBytes)
        return subscriptionsTooLarge(name, maxBytes);
      const isOneMore = size.document.bytes > 0 && !this.#documents.has(documentIn(key, size));
      if (maxDocuments !== undefined && isOneMore && (this.#owned.get(key) ?? 0) >= maxDocuments)
        return tooManyDocuments(name, maxDocuments);
    }
    return undefined;
  }

  #moreBytes(key: string, { document, variableBytes }: SubscriptionSize): number {
    return variableBytes + (this.#documents.has(documentIn(key, { document })) ? 0 : document.bytes);
  }

  #scopesOf(size: SubscriptionSize): Scope[] {
    const { ip, caller } = size;
    const { inAll, perAddress, perUser } = this.#limits;
    const address = `address ${ip}`;
    const isPerAddress = perAddress !== undefined;
    const wouldRun = isPerAddress ? (this.#running.get(address) ?? 0) + 1 : undefined;
    const wouldTake = isPerAddress
      ? (this.#bytes.get(address) ?? 0) + this.#moreBytes(address, size)
      : undefined;
    const scopes: Scope[] = [
      {
        key: address,
        name: "this address",
        maxRunning: perAddress,
        maxBytes: isPerAddress ? maxBytesPerAddress : undefined,
        maxDocuments: isPerAddress ? maxDocumentsPerAddress : undefined,
      },
      {
        key: everybody,
        name: "all clients",
        maxRunning: boundFor({ max: inAll, little: littleRunning }, wouldRun),
        maxBytes: boundFor(bytesInAll, wouldTake),
      },
    ];
    if (caller.kind === "user")
      scopes.unshift({ key: `user ${caller.userId}`, name: "this user", maxRunning: perUser });
    return scopes;
  }

  #add(key: string, size: SubscriptionSize): void {
    const document = documentIn(key, size);
    const sharing = this.#documents.get(document) ?? 0;
    this.#documents.set(document, sharing + 1);
    if (sharing === 0 && size.document.bytes > 0) this.#owned.set(key, (this.#owned.get(key) ?? 0) + 1);
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
    const more = size.variableBytes + (sharing === 0 ? size.document.bytes : 0);
    this.#bytes.set(key, (this.#bytes.get(key) ?? 0) + more);
  }

  #remove(key: string, size: SubscriptionSize): void {
    const document = documentIn(key, size);
    const isLast = this.#documents.get(document) === 1;
    less(this.#documents, document, 1);
    if (isLast && size.document.bytes > 0) less(this.#owned, key, 1);
    less(this.#running, key, 1);
    less(this.#bytes, key, size.variableBytes + (isLast ? size.document.bytes : 0));
  }
}

interface Scope {
  key: string;
  name: string;
  maxRunning: number | undefined;
  maxBytes?: number | undefined;
  maxDocuments?: number | undefined;
}

const everybody = "all";

function documentIn(scopeKey: string, { document }: Pick<SubscriptionSize, "document">): string {
  return `${document.key} ${scopeKey}`;
}
