import { expect, test } from "vitest";
import { aRequest } from "../test/products.ts";
import { cachedSearch } from "./cached-search.ts";
import type { SearchResult } from "./engine.ts";

function anEngine() {
  const state = { asked: 0, revision: 0, isAway: false };
  const search = async (): Promise<SearchResult> => {
    await Promise.resolve();
    if (state.isAway) throw new Error("away");
    state.asked++;
    return { hits: [], hasNextPage: false, totalCount: state.asked, facets: [], didYouMean: null };
  };
  return { state, search, revision: () => state.revision };
}

test("who asks the same at the same time waits for one answer, and later ones get it again", async () => {
  const engine = anEngine();
  const search = cachedSearch(engine);
  await Promise.all([search(aRequest({ query: "a" })), search(aRequest({ query: "a" }))]);
  await search(aRequest({ query: "a" }));
  expect(engine.state.asked).toBe(1);
  await search(aRequest({ query: "b" }));
  expect(engine.state.asked).toBe(2);
});

test("a change of the index makes answers stale", async () => {
  const engine = anEngine();
  const search = cachedSearch(engine);
  await search(aRequest({ query: "a" }));
  engine.state.revision++;
  expect((await search(aRequest({ query: "a" }))).totalCount).toBe(2);
});

test("while the engine is away, what it last said stands; what it never said is an error", async () => {
  const engine = anEngine();
  const search = cachedSearch(engine);
  await search(aRequest({ query: "a" }));
  engine.state.revision++;
  engine.state.isAway = true;
  expect((await search(aRequest({ query: "a" }))).totalCount).toBe(1);
  await expect(search(aRequest({ query: "b" }))).rejects.toThrow("away");
  engine.state.isAway = false;
  expect((await search(aRequest({ query: "a" }))).totalCount).toBe(2);
});
