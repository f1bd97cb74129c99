import { expect, test } from "vitest";
import type { SearchEngine } from "../engine/engine.ts";
import { maintainIndex } from "./rebuild-index.ts";

/** An index of which these are the facts; its owners never answer, so that it is never filled. */
function maintained(facts: { isComplete: boolean; count: number }) {
  const engine = {
    isComplete: () => Promise.resolve(facts.isComplete),
    count: () => Promise.resolve(facts.count),
    rebuild: () => Promise.reject(new Error("the owners are away")),
  } as unknown as SearchEngine;
  const log = { info: () => undefined, warn: () => undefined };
  const store = { withPopularity: async () => [] };
  return maintainIndex({ engine, store, log, bus: { request: () => Promise.reject(new Error("away")) } });
}

test("an index that was never whole is not ready, however much it holds", async () => {
  await using index = maintained({ isComplete: false, count: 5 });
  expect(await index.notReadyReason()).toMatch(/is being filled/);
});

test("an index that was whole and may lack something serves on and says so; one that is empty does not serve", async () => {
  const facts = { isComplete: true, count: 5 };
  await using index = maintained(facts);
  expect([await index.notReadyReason(), await index.lackingReason()]).toEqual([undefined, undefined]);
  facts.isComplete = false;
  expect(await index.notReadyReason()).toBeUndefined();
  expect(await index.lackingReason()).toMatch(/is being filled/);
  facts.count = 0;
  expect(await index.notReadyReason()).toMatch(/is being filled/);
});
