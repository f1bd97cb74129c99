import type { StockState } from "@shop/events";
import { AsyncQueue, createWakeup, pollLoop, type Bus, type Logger } from "@shop/service";
import type { Redis } from "ioredis";
import { availableScript } from "../gate/flash-gate.lua.ts";
import type { RedisGuard } from "../gate/redis-guard.ts";
import type { openStore } from "../store/store.ts";

/** What can be bought of a SKU; `units` is 0 where it is not for sale. */
export type StockView = { sku: string; variantId: string; units: number; version: number };

/** Also where a write-through or a broadcast is lost, no page and no subscriber is later than this. */
const maxAgeMs = 1_000;
const topic = "stock";

type Parts = {
  store: Pick<ReturnType<typeof openStore>, "availableUnits" | "stockOf">;
  redis: Redis;
  guard: RedisGuard;
  bus: Pick<Bus, "broadcast" | "onBroadcast">;
  log: Pick<Logger, "warn">;
};

/** What can be bought, for pages and subscribers: from Redis, written through after each commit, never from a row that orders lock. */
export function openStockLive({ store, redis, guard, bus, log }: Parts) {
  const followers = new Map<string, Set<StockFollower>>();
  const wakeup = createWakeup();
  const changed = new Set<string>();
  let pollAt = 0;

  const unsubscribe = bus.onBroadcast("inventory", topic, (text) =>
    markChanged(JSON.parse(text) as string[]),
  );

  function markChanged(skus: readonly string[]): void {
    for (const sku of skus) if (followers.has(sku)) changed.add(sku);
    if (changed.size > 0) wakeup.wake();
  }

  async function read(): Promise<number> {
    const isPoll = performance.now() >= pollAt;
    if (isPoll) pollAt = performance.now() + maxAgeMs;
    const skus = isPoll ? [...followers.keys()] : [...changed];
    changed.clear();
    if (skus.length > 0) {
      for (const state of await store.stockOf(skus))
        for (const follower of followers.get(state.sku) ?? []) follower.give(state);
    }
    return changed.size > 0 ? 0 : Math.max(1, pollAt - performance.now());
  }

  const onError = (error: unknown) => log.warn({ err: error }, "stock could not be passed on; trying again");
  const reader = pollLoop({ everyMs: maxAgeMs, wakeup, onError }, read);

  return {
    /** Writes committed stock through, and pushes it. */
    note(states: readonly StockState[]): void {
      if (states.length === 0) return;
      void guard(async () => {
        const pipeline = redis.pipeline();
        for (const { variantId, version, available } of states)
          pipeline.eval(availableScript, 1, keyOf(variantId), version, available, maxAgeMs);
        await pipeline.exec();
      });
      bus.broadcast(topic, JSON.stringify(states.map(({ sku }) => sku)));
    },

    /** Forgets variants of which more than the stock has changed. */
    forget(variantIds: readonly string[]): void {
      if (variantIds.length > 0) void guard(() => redis.del(...variantIds.map(keyOf)));
    },

    /** Units of each variant that can be bought, at most a second old. */
    async unitsOf(variantIds: readonly string[]): Promise<number[]> {
      const cached = await guard(() => redis.mget(...variantIds.map(keyOf)));
      const missing = variantIds.filter((_, at) => !cached?.[at]);
      const found = missing.length > 0 ? await store.availableUnits(missing) : [];
      if (cached && missing.length > 0) {
        void guard(async () => {
          const pipeline = redis.pipeline();
          missing.forEach((id, at) => pipeline.set(keyOf(id), `0:${found[at]}`, "PX", maxAgeMs, "NX"));
          await pipeline.exec();
        });
      }
      const fresh = found.values();
      return variantIds.map((_, at) => {
        const held = cached?.[at];
        return held ? Number(held.slice(held.indexOf(":") + 1)) : (fresh.next().value ?? 0);
      });
    },

    /** The stock of these SKUs as it stands now, then each change. */
    follow(skus: readonly string[]): AsyncIterableIterator<StockView> {
      const follower: StockFollower = new StockFollower(() => {
        for (const sku of skus) {
          const group = followers.get(sku);
          if (group?.delete(follower) && group.size === 0) followers.delete(sku);
        }
      });
      for (const sku of skus) {
        const group = followers.get(sku);
        if (group) group.add(follower);
        else followers.set(sku, new Set([follower]));
      }
      markChanged(skus);
      return follower;
    },

    async [Symbol.asyncDispose]() {
      unsubscribe();
      for (const group of [...followers.values()]) for (const follower of [...group]) await follower.return();
      await reader[Symbol.asyncDispose]();
    },
  };
}

export type StockLive = ReturnType<typeof openStockLive>;

/** A subscriber who takes nothing more is dropped at so many values. */
const maxQueued = 1_000;

/** A subscriber of several SKUs; gets no state twice in a row. */
class StockFollower extends AsyncQueue<StockView> {
  readonly #given = new Map<string, StockView>();
  readonly #leave: () => void;

  constructor(leave: () => void) {
    super(maxQueued);
    this.#leave = leave;
  }

  give(state: StockView): void {
    const last = this.#given.get(state.sku);
    if (last && (state.version < last.version || state.units === last.units)) return;
    this.#given.set(state.sku, state);
    this.push(state);
  }

  override return() {
    this.#leave();
    return super.return();
  }
}

function keyOf(variantId: string): string {
  return `inventory:available:${variantId}`;
}
