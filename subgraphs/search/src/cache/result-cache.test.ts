import { afterEach, expect, test, vi } from "vitest";
import { aRequest } from "../../test/products.ts";
import { cachedSearch } from "./result-cache.ts";
import type { SearchResult } from "../engine/engine.ts";
import type { ResultStore, StoredResult } from "./redis-result-store.ts";

function anEngine() {
  const state = { asked: 0, revision: 0, isAway: false };
  const search = async (): Promise<SearchResult> => {
    await Promise.resolve();
    if (state.isAway) throw new Error("away");
    state.asked++;
    return {
      hits: [],
      hasNextPage: false,
      totalCount: state.asked,
      facets: [],
      didYouMean: null,
      relaxed: null,
    };
  };
  return { state, search, revision: () => state.revision };
}

function aStore(kept = new Map<string, StoredResult>()): ResultStore & { flush(): void } {
  let epoch = 1;
  return {
    get: (key) => Promise.resolve(kept.get(key)),
    put: (key, stored) => void kept.set(key, stored),
    epoch: (hasChanged) => Promise.resolve(String(hasChanged ? ++epoch : epoch)),
    flush: () => kept.clear(),
  };
}

const away: ResultStore = {
  get: () => Promise.resolve(undefined),
  put: () => undefined,
  epoch: () => Promise.resolve(undefined),
};

afterEach(() => void vi.useRealTimers());

test.each([
  ["with Redis", aStore()],
  ["without Redis", away],
])(
  "%s, who asks the same at the same time waits for one answer, and later ones get it again",
  async (_, store) => {
    const engine = anEngine();
    await using cached = cachedSearch(engine, store);
    await Promise.all([cached.search(aRequest({ query: "a" })), cached.search(aRequest({ query: "a" }))]);
    await cached.search(aRequest({ query: " A" }));
    expect(engine.state.asked).toBe(1);
    await cached.search(aRequest({ query: "b" }));
    expect(engine.state.asked).toBe(2);
  },
);

test.each([
  ["with Redis", aStore()],
  ["without Redis", away],
])("%s, a change of the index makes answers stale at the next look", async (_, store) => {
  const engine = anEngine();
  await using cached = cachedSearch(engine, store);
  await cached.refresh();
  await cached.search(aRequest({ query: "a" }));
  await cached.refresh();
  expect((await cached.search(aRequest({ query: "a" }))).totalCount).toBe(1);
  engine.state.revision++;
  await cached.refresh();
  expect((await cached.search(aRequest({ query: "a" }))).totalCount).toBe(2);
});

test("another instance finds what one has found, until either changes the index", async () => {
  const store = aStore();
  const [one, other] = [anEngine(), anEngine()];
  await using first = cachedSearch(one, store);
  await using second = cachedSearch(other, store);
  await first.refresh();
  await second.refresh();
  await first.refresh();
  await first.search(aRequest({ query: "a" }));
  await second.search(aRequest({ query: "a" }));
  expect(other.state.asked).toBe(0);
  one.state.revision++;
  await first.refresh();
  await second.refresh();
  await second.search(aRequest({ query: "a" }));
  expect(other.state.asked).toBe(1);
});

test("a cold cache after everything was flushed costs one search", async () => {
  const store = aStore();
  const engine = anEngine();
  await using cached = cachedSearch(engine, store);
  await cached.refresh();
  await cached.search(aRequest({ query: "a" }));
  store.flush();
  engine.state.revision++;
  await cached.refresh();
  await Promise.all([cached.search(aRequest({ query: "a" })), cached.search(aRequest({ query: "a" }))]);
  expect(engine.state.asked).toBe(2);
});

test("a Redis that does not answer for a moment makes nothing stale", async () => {
  const engine = anEngine();
  const store = aStore();
  let isAway = false;
  await using cached = cachedSearch(engine, {
    ...store,
    get: () => Promise.resolve(undefined),
    epoch: (hasChanged) => (isAway ? Promise.resolve(undefined) : store.epoch(hasChanged)),
  });
  await cached.refresh();
  await cached.search(aRequest({ query: "a" }));
  for (isAway of [true, false]) {
    await cached.refresh();
    await cached.search(aRequest({ query: "a" }));
  }
  expect(engine.state.asked).toBe(1);
});

test("while the engine is away, what it last said stands; what it never said is an error", async () => {
  const engine = anEngine();
  await using cached = cachedSearch(engine, away);
  await cached.search(aRequest({ query: "a" }));
  engine.state.revision++;
  await cached.refresh();
  engine.state.isAway = true;
  expect((await cached.search(aRequest({ query: "a" }))).totalCount).toBe(1);
  await expect(cached.search(aRequest({ query: "b" }))).rejects.toThrow("away");
  engine.state.isAway = false;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1_001 });
  await cached.search(aRequest({ query: "a" }));
  await vi.waitFor(async () => expect((await cached.search(aRequest({ query: "a" }))).totalCount).toBe(2));
});

test("while the engine hangs, the first request for a cached result waits, and none after it", async () => {
  const engine = anEngine();
  let hung = 0;
  const search = async () => {
    if (!engine.state.isAway) return engine.search();
    hung++;
    return new Promise<SearchResult>((_, reject) =>
      hung === 1 ? reject(new Error("no answer")) : undefined,
    );
  };
  await using cached = cachedSearch({ ...engine, search }, away);
  await cached.search(aRequest({ query: "a" }));
  engine.state.revision++;
  await cached.refresh();
  engine.state.isAway = true;
  vi.useFakeTimers({ toFake: ["Date"] });
  for (let seconds = 0; seconds < 3; seconds++) {
    for (let times = 0; times < 5; times++) {
      expect((await cached.search(aRequest({ query: "a" }))).totalCount).toBe(1);
    }
    vi.setSystemTime(Date.now() + 1_001);
  }
  expect(hung).toBe(3);
});

test("while the engine is away, a customer with preferences gets the result without them", async () => {
  const engine = anEngine();
  await using cached = cachedSearch(engine, away);
  await cached.search(aRequest({ query: "a" }));
  engine.state.isAway = true;
  const preferences = { brands: { acme: 1 }, categories: {} };
  expect((await cached.search(aRequest({ query: "a", preferences }))).totalCount).toBe(1);
});

test("while the engine is away, what another instance has kept stands as well", async () => {
  const store = aStore();
  const engine = anEngine();
  await using before = cachedSearch(engine, store);
  await before.refresh();
  await before.search(aRequest({ query: "a" }));
  engine.state.isAway = true;
  await using after = cachedSearch(engine, store);
  await after.refresh();
  expect((await after.search(aRequest({ query: "a" }))).totalCount).toBe(1);
});
