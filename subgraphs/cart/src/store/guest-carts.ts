import { createHash } from "node:crypto";
import { unavailable, type Logger } from "@shop/service";
import type { Redis } from "ioredis";
import { refOf } from "@shop/values";
import type { Cart } from "../domain/cart.ts";
import { bodyOf, linesIn } from "./guest-cart-body.ts";
import { commitScript, freezeScript, moveScript, removeScript, touchScript } from "./guest-carts.lua.ts";

const cartLifeS = 30 * 24 * 3600;
/** A cart that nobody has put anything into, or taken everything out of. */
const emptyCartLifeS = 6 * 3600;
/** A key that comes again after so many others in the same cart isn't known any more: its change is made anew. */
const maxReceipts = 64;

/**
 * Something that must be remembered with a change, in one script: an idempotency record, or that an order was handled.
 * It has a key of its own for `lifeS`, or (null) is kept in the cart and goes where the cart goes.
 */
export type Receipt = { key: string; value: string; lifeS: number | null };

export type Found = { cart: Cart | undefined; isClaimed: boolean; recorded: string | undefined };

/** A cart that is being taken over, and the receipts that are kept in it. */
export type Frozen = { cart: Cart; receipts: ReadonlyMap<string, string> };

export type Committed =
  | { outcome: "done" }
  /** The record was there already: this change was made before. */
  | { outcome: "recorded"; value: string }
  /** Somebody else was faster; this is the cart now. */
  | { outcome: "moved"; cart: Cart | undefined }
  /** A customer is taking the cart over. */
  | { outcome: "claimed" };

/** Who writes: a client, known by the keyed hash of its address where the gateway sent one; or the shop, after an order. */
export type Writer = { client: string | undefined } | "shop";

/**
 * Guests' carts: one hash in Redis each, changed by compare-and-set on the version, kept 30 days from the last touch, or 6
 * hours while empty. Its key has the hash of the cart's id, which nobody can open the cart with. The client that wrote it
 * last keeps `maxPerClient` with lines, and half as many empty ones; the longest untouched is deleted for one more.
 */
export function guestCarts(redis: Redis, log: Pick<Logger, "warn">, maxPerClient: number) {
  const remove = script(redis, removeScript);
  let lastSaid = { message: "", untilMs: 0 };
  const commit = script(redis, commitScript);
  const freeze = script(redis, freezeScript);
  const touch = script(redis, touchScript);
  const move = script(redis, moveScript);

  // The rest of cart goes on without Redis: customers' carts, and what others ask for.
  const reach = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      // A full Redis refuses each write: a line a minute says as much as thousands.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== lastSaid.message || performance.now() > lastSaid.untilMs) {
        lastSaid = { message, untilMs: performance.now() + 60_000 };
        log.warn({ err: error }, "guests' carts can't be reached");
      }
      throw unavailable("Guests' carts can't be reached now. Try again in a moment.");
    }
  };

  async function find(ref: string, id: string, receipt?: Receipt): Promise<Found> {
    if (!receipt) {
      const [version, body, claimedBy] = (await reach(() => touch([cartKey(ref)], [ref]))) as (
        string | null
      )[];
      return { cart: read(id, version, body), isClaimed: Boolean(claimedBy), recorded: undefined };
    }
    const pipeline = redis.pipeline().hmget(cartKey(ref), "version", "body", "claimedBy");
    if (receipt.lifeS === null) pipeline.hget(cartKey(ref), receipt.key);
    else pipeline.get(receipt.key);
    const [cart, record] = await reach(async () => {
      const answers = (await pipeline.exec()) ?? [];
      for (const [error] of answers) if (error) throw error;
      return answers;
    });
    if (!cart) throw new Error("Redis gave no answer");
    const [version, body, claimedBy] = cart[1] as (string | null)[];
    const recorded = typeof record?.[1] === "string" ? record[1] : undefined;
    return { cart: read(id, version, body), isClaimed: Boolean(claimedBy), recorded };
  }

  async function write(ref: string, cart: Cart, writer: Writer, record?: Receipt): Promise<Committed> {
    const isInCart = record?.lifeS === null;
    const keys = record && !isInCart ? [cartKey(ref), record.key] : [cartKey(ref)];
    const isEmpty = cart.lines.length === 0;
    const args = [
      ...[cart.version, bodyOf(cart), isEmpty ? emptyCartLifeS : cartLifeS],
      ...[record?.value ?? "", record?.lifeS ?? 0, maxReceipts, isInCart ? record.key : ""],
      ...[ref, isEmpty ? "empty" : "lines"],
      writer === "shop" ? "" : (writer.client ?? ""),
      isEmpty ? Math.ceil(maxPerClient / 2) : maxPerClient,
      // An order that was handled must stay known.
      writer === "shop" ? 0 : maxPerClient,
    ];
    const [outcome, first, second] = (await reach(() => commit(keys, args))) as (string | null)[];
    switch (outcome) {
      case "done":
      case "claimed":
        return { outcome };
      case "recorded":
        return { outcome, value: first ?? "" };
      default:
        return { outcome: "moved", cart: read(cart.id, first, second) };
    }
  }

  return {
    /**
     * Reads the cart, and the record if one is asked for, in one round trip. One that is not there may still be kept under
     * its id, by a release before: for 30 days, after which this can go.
     */
    async find(id: string, receipt?: Receipt): Promise<Found> {
      const ref = refOf(id);
      const found = await find(ref, id, receipt);
      if (found.cart || !(await reach(() => move([cartKey(id), cartKey(ref)], [])))) return found;
      return await find(ref, id, receipt);
    },

    /** The same of a cart whose id isn't known: the cart that is given has its hash for an id. */
    findByRef: (ref: string, receipt: Receipt): Promise<Found> => find(ref, ref, receipt),

    async findReceipt(key: string): Promise<string | undefined> {
      return (await reach(() => redis.get(key))) ?? undefined;
    },

    /** Writes the next version unless the cart has moved on from the one before it. */
    commit: (cart: Cart, writer: Writer, record?: Receipt): Promise<Committed> =>
      write(refOf(cart.id), cart, writer, record),

    /** The same, by the shop itself, of a cart that was found by its hash. */
    commitByRef: (ref: string, cart: Cart, record: Receipt): Promise<Committed> =>
      write(ref, cart, "shop", record),

    /** Marks the cart as being taken over by the customer, so that no change is lost meanwhile; undefined if there is none to take. */
    async freeze(id: string, customerId: string): Promise<Frozen | undefined> {
      const flat = (await reach(() => freeze([cartKey(refOf(id))], [customerId]))) as string[];
      const fields = new Map(flat.flatMap((it, at) => (at % 2 === 0 ? [[it, flat[at + 1] ?? ""]] : [])));
      const cart = read(id, fields.get("version"), fields.get("body"));
      if (!cart) return undefined;
      for (const own of ownFields) fields.delete(own);
      return { cart, receipts: fields };
    },

    async unfreeze(id: string): Promise<void> {
      await reach(() => redis.hdel(cartKey(refOf(id)), "claimedBy"));
    },

    async remove(id: string): Promise<void> {
      await reach(() => remove([cartKey(refOf(id))], [refOf(id)]));
    },
  };
}

const ownFields = ["version", "body", "claimedBy", "life", "fields", "client"];
const cartKey = (ref: string) => `cart:guest:${ref}`;

function read(id: string, version?: string | null, body?: string | null): Cart | undefined {
  if (!version || !body) return undefined;
  return { id, version: Number(version), customerId: null, ...linesIn(body) };
}

function script(redis: Redis, lua: string) {
  const sha = createHash("sha1").update(lua).digest("hex");
  return async (keys: string[], args: (string | number)[]): Promise<unknown> => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return await redis.eval(lua, keys.length, ...keys, ...args);
    }
  };
}
