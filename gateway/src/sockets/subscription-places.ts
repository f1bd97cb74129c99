import type { GraphQLError } from "graphql";
import { subscriptionsTooLarge, tooManySubscriptions } from "../coded-errors.ts";
import type { Caller } from "../identity/caller.ts";
import { less } from "./socket-places.ts";

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
  /** Subscriptions of one document share it. */
  document: { key: string; bytes: number };
  variableBytes: number;
}

const maxBytesInAll = 32 * 2 ** 20;
const maxBytesPerAddress = 4 * 2 ** 20;

/** Counts running subscriptions and what they keep, by user, by address and in all. */
export class SubscriptionPlaces {
  readonly #limits: SubscriptionLimits;
  readonly #running = new Map<string, number>();
  readonly #bytes = new Map<string, number>();
  readonly #documents = new Map<string, number>();

  constructor(limits: SubscriptionLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running.get(everybody) ?? 0;
  }

  /** Takes a place until the answered function is called, which counts once; an error where there is none. */
  take(size: SubscriptionSize): (() => void) | GraphQLError {
    const scopes = this.#scopesOf(size);
    for (const { key, name, maxRunning } of scopes) {
      if (maxRunning !== undefined && (this.#running.get(key) ?? 0) >= maxRunning)
        return tooManySubscriptions(name, maxRunning);
    }
    for (const { key, name, maxBytes } of scopes) {
      if (maxBytes === undefined) continue;
      const more =
        size.variableBytes + (this.#documents.has(documentIn(key, size)) ? 0 : size.document.bytes);
      if ((this.#bytes.get(key) ?? 0) + more > maxBytes) return subscriptionsTooLarge(name, maxBytes);
    }
    for (const { key } of scopes) this.#add(key, size);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const { key } of scopes) this.#remove(key, size);
    };
  }

  #scopesOf({ ip, caller }: SubscriptionSize): Scope[] {
    const { inAll, perAddress, perUser } = this.#limits;
    const scopes: Scope[] = [
      {
        key: `address ${ip}`,
        name: "this address",
        maxRunning: perAddress,
        maxBytes: perAddress === undefined ? undefined : maxBytesPerAddress,
      },
      { key: everybody, name: "all clients", maxRunning: inAll, maxBytes: maxBytesInAll },
    ];
    if (caller.kind === "user")
      scopes.unshift({
        key: `user ${caller.userId}`,
        name: "this user",
        maxRunning: perUser,
        maxBytes: undefined,
      });
    return scopes;
  }

  #add(key: string, size: SubscriptionSize): void {
    const document = documentIn(key, size);
    const sharing = this.#documents.get(document) ?? 0;
    this.#documents.set(document, sharing + 1);
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
    const more = size.variableBytes + (sharing === 0 ? size.document.bytes : 0);
    this.#bytes.set(key, (this.#bytes.get(key) ?? 0) + more);
  }

  #remove(key: string, size: SubscriptionSize): void {
    const document = documentIn(key, size);
    const isLast = this.#documents.get(document) === 1;
    less(this.#documents, document, 1);
    less(this.#running, key, 1);
    less(this.#bytes, key, size.variableBytes + (isLast ? size.document.bytes : 0));
  }
}

interface Scope {
  key: string;
  name: string;
  maxRunning: number | undefined;
  maxBytes: number | undefined;
}

const everybody = "all";

function documentIn(scopeKey: string, { document }: SubscriptionSize): string {
  return `${document.key} ${scopeKey}`;
}
