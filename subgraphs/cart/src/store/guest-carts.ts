import { createHash } from "node:crypto";
import { messageOf, unavailable, type Logger } from "@shop/service";
import { refOf } from "@shop/values";
import type { Redis } from "ioredis";
import { guestTtlS, type Cart } from "../domain/cart.ts";
import { bodyOf, linesIn } from "./guest-cart-body.ts";
import { commitScript, freezeScript, removeScript, touchScript } from "./guest-carts.lua.ts";

/** Records that one cart keeps. After 64 other keys a replay of the oldest isn't recognised, and its change is made again. */
const maxRecords = 64;

/**
 * A record that the script writes with the change: of an idempotency key, or of a handled order. It has a Redis key of its own
 * for `ttlS`, or (null) is a field of the cart's hash and moves with the cart.
 */
export type IdempotencyRecord = { key: string; value: string; ttlS: number | null };

export type Found = { cart: Cart | undefined; isClaimed: boolean; recorded: string | undefined };

/** A cart that is being claimed, with its idempotency records by key. */
export type Frozen = { cart: Cart; records: ReadonlyMap<string, string> };

export type Committed =
  | { outcome: "done" }
  /** The record existed: this change was made before. */
  | { outcome: "recorded"; value: string }
  /** Another change was written first; `cart` is the cart after it. */
  | { outcome: "conflict"; cart: Cart | undefined }
  /** A customer is claiming the cart. */
  | { outcome: "claimed" };

/** Who writes: a client, named by the keyed hash of its address if the gateway sent one; or the shop, after an order. */
export type Writer = { client: string | undefined } | "shop";

/**
 * Guest carts: one hash in Redis each, changed by compare-and-set on the version, with a TTL of 30 days from the last touch, or 6
 * hours while empty. The Redis key contains the hash of the cart's id, because the id itself opens the cart. A cart counts
 * for the client that wrote it last, which keeps `maxPerClient` carts with lines and half as many empty ones; one more
 * deletes its least recently touched cart.
 */
export function guestCarts(redis: Redis, log: Pick<Logger, "warn">, maxPerClient: number) {
  const remove = script(redis, removeScript);
  let lastLogged = { message: "", untilMs: 0 };
  const commit = script(redis, commitScript);
  const freeze = script(redis, freezeScript);
  const touch = script(redis, touchScript);

  // Without Redis only guest carts fail; customers' carts and requests of other services go on.
  const reach = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      // A full Redis refuses each write: one log line a minute says as much as thousands.
      const message = messageOf(error);
      if (message !== lastLogged.message || performance.now() > lastLogged.untilMs) {
        lastLogged = { message, untilMs: performance.now() + 60_000 };
        log.warn({ err: error }, "guests' carts can't be reached");
      }
      throw unavailable("Guests' carts can't be reached now. Try again in a moment.");
    }
  };

  async function find(ref: string, id: string, record?: IdempotencyRecord): Promise<Found> {
    if (!record) {
      const [version, body, claimedBy] = (await reach(() => touch([cartKey(ref)], [ref]))) as (
        string | null
      )[];
      return { cart: read(id, version, body), isClaimed: Boolean(claimedBy), recorded: undefined };
    }
    const pipeline = redis.pipeline().hmget(cartKey(ref), "version", "body", "claimedBy");
    if (record.ttlS === null) pipeline.hget(cartKey(ref), record.key);
    else pipeline.get(record.key);
    const [cart, found] = await reach(async () => {
      const answers = (await pipeline.exec()) ?? [];
      for (const [error] of answers) if (error) throw error;
      return answers;
    });
    if (!cart) throw new Error("Redis gave no answer");
    const [version, body, claimedBy] = cart[1] as (string | null)[];
    const recorded = typeof found?.[1] === "string" ? found[1] : undefined;
    return { cart: read(id, version, body), isClaimed: Boolean(claimedBy), recorded };
  }

  async function write(
    ref: string,
    cart: Cart,
    writer: Writer,
    record?: IdempotencyRecord,
  ): Promise<Committed> {
    const isInCart = record?.ttlS === null;
    const keys = record && !isInCart ? [cartKey(ref), record.key] : [cartKey(ref)];
    const isEmpty = cart.lines.length === 0;
    const args = [
      ...[cart.version, bodyOf(cart), guestTtlS(cart)],
      ...[record?.value ?? "", record?.ttlS ?? 0, maxRecords, isInCart ? record.key : ""],
      ...[ref, isEmpty ? "empty" : "lines"],
      writer === "shop" ? "" : (writer.client ?? ""),
      isEmpty ? Math.ceil(maxPerClient / 2) : maxPerClient,
      // The record of a handled order must not be deleted to make room.
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
        return { outcome: "conflict", cart: read(cart.id, first, second) };
    }
  }

  return {
    /** Reads and touches the cart, and reads the record if one is given, in one round trip. */
    async find(id: string, record?: IdempotencyRecord): Promise<Found> {
      const ref = refOf(id);
      const touched = record && reach(() => touch([cartKey(ref)], [ref]));
      const [found] = await Promise.all([find(ref, id, record), touched]);
      return found;
    },

    /** Reads a cart by its reference; the cart it returns has the reference for an id. */
    findByRef: (ref: string, record: IdempotencyRecord): Promise<Found> => find(ref, ref, record),

    async findRecord(key: string): Promise<string | undefined> {
      return (await reach(() => redis.get(key))) ?? undefined;
    },

    /** Writes the next version if the cart is still at the version before it. */
    commit: (cart: Cart, writer: Writer, record?: IdempotencyRecord): Promise<Committed> =>
      write(refOf(cart.id), cart, writer, record),

    /** Writes, for the shop itself, a cart that was found by its reference. */
    commitByRef: (ref: string, cart: Cart, record: IdempotencyRecord): Promise<Committed> =>
      write(ref, cart, "shop", record),

    /** Marks the cart as being claimed by the customer, so that no change is lost meanwhile; undefined if there is no such cart. */
    async freeze(id: string, customerId: string): Promise<Frozen | undefined> {
      const flat = (await reach(() => freeze([cartKey(refOf(id))], [customerId]))) as string[];
      const fields = new Map(flat.flatMap((it, at) => (at % 2 === 0 ? [[it, flat[at + 1] ?? ""]] : [])));
      const cart = read(id, fields.get("version"), fields.get("body"));
      if (!cart) return undefined;
      for (const own of ownFields) fields.delete(own);
      return { cart, records: fields };
    },

    async unfreeze(id: string): Promise<void> {
      await reach(() => redis.hdel(cartKey(refOf(id)), "claimedBy"));
    },

    async remove(id: string): Promise<void> {
      await reach(() => remove([cartKey(refOf(id))], [refOf(id)]));
    },
  };
}

const ownFields = ["version", "body", "claimedBy", "ttl", "fields", "client"];
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
