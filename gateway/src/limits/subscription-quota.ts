import type { GraphQLError } from "graphql";
import { subscriptionsTooLarge, tooManyDocuments, tooManySubscriptions } from "../errors/coded-errors.ts";
import type { Caller } from "../identity/caller.ts";
import { fairShare, subtract, type SharedLimit } from "./fair-share.ts";

/** How many subscriptions may run at once in this gateway; undefined is any number. */
export interface SubscriptionLimits {
  inAll: number;
  perAddress: number | undefined;
  perUser: number | undefined;
}

/** The caller and the memory of one running subscription. */
export interface SubscriptionSize {
  ip: string;
  caller: Caller;
  /** Shared by all subscriptions of the same document; the shop's own operations count no bytes. */
  document: { key: string; bytes: number };
  variableBytes: number;
}

/** The subscriptions of a household: an address with no more of them may use the last third of the limit too. */
const smallRunning = 20;

/**
 * The estimated bytes of documents and variables. Counted 16 MB are 55 MB of resident memory: each different document has its
 * own plan and its own stream of events from the service.
 */
const bytesInAll: SharedLimit = { max: 16 * 2 ** 20, small: 128 * 1024 };
const maxBytesPerAddress = 2 ** 20;
/** Different documents that an address may run at once, the shop's own aside. */
const maxDocumentsPerAddress = 50;
/** Variables up to this size (an order's id, its token, a cursor) are not counted: the limit of subscriptions bounds them. */
const freeVariableBytes = 2 * 1024;

/** Limits running subscriptions and their bytes, by user, by address and in all; the limits in all are shared fairly. */
export class SubscriptionQuota {
  readonly #limits: SubscriptionLimits;
  readonly #running = new Map<string, number>();
  readonly #bytes = new Map<string, number>();
  readonly #documents = new Map<string, number>();
  /** The number of documents that count bytes, by scope. */
  readonly #owned = new Map<string, number>();

  constructor(limits: SubscriptionLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running.get(allClients) ?? 0;
  }

  /** Counts a subscription until the returned function is called (once counts); an error where a limit is reached. */
  acquire(given: SubscriptionSize): (() => void) | GraphQLError {
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
      // A subscription that needs no more bytes is not refused for the bytes of others.
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
        key: allClients,
        name: "all clients",
        maxRunning: fairShare({ max: inAll, small: smallRunning }, wouldRun),
        maxBytes: fairShare(bytesInAll, wouldTake),
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
    subtract(this.#documents, document, 1);
    if (isLast && size.document.bytes > 0) subtract(this.#owned, key, 1);
    subtract(this.#running, key, 1);
    subtract(this.#bytes, key, size.variableBytes + (isLast ? size.document.bytes : 0));
  }
}

interface Scope {
  key: string;
  name: string;
  maxRunning: number | undefined;
  maxBytes?: number | undefined;
  maxDocuments?: number | undefined;
}

const allClients = "all";

function documentIn(scopeKey: string, { document }: Pick<SubscriptionSize, "document">): string {
  return `${document.key} ${scopeKey}`;
}
