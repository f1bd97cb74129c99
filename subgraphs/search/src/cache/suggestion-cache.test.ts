import { expect, test } from "vitest";
import type { Suggestions } from "../engine/engine.ts";
import { cachedSuggestions } from "./suggestion-cache.ts";

const nothing: Suggestions = { queries: [], productIds: [], categoryIds: [] };

test("equal prefixes share one answer, and a failure isn't cached", async () => {
  const asked: string[] = [];
  const suggest = cachedSuggestions(async (prefix, size) => {
    asked.push(`${prefix} ${size}`);
    if (asked.length === 1) throw new Error("away");
    return nothing;
  });
  await expect(suggest("lam", 8)).rejects.toThrow("away");
  expect(await Promise.all([suggest("lam", 8), suggest("lam", 8)])).toEqual([nothing, nothing]);
  expect(await suggest("lam", 5)).toEqual(nothing);
  expect(asked).toEqual(["lam 8", "lam 8", "lam 5"]);
});
