import { expect, test } from "vitest";
import type { Suggestions } from "../engine/engine.ts";
import { cachedSuggestions } from "./suggestion-cache.ts";

const nothing: Suggestions = { queries: [], productIds: [], categoryIds: [] };

const noQueries = { popularQueries: () => Promise.resolve([]) };

test("equal prefixes share one answer, and a failure isn't cached", async () => {
  const asked: string[] = [];
  const engine = {
    async suggest(prefix: string, size: number) {
      asked.push(`${prefix} ${size}`);
      if (asked.length === 1) throw new Error("away");
      return nothing;
    },
  };
  const suggest = cachedSuggestions(engine, noQueries);
  await expect(suggest("lam", 8)).rejects.toThrow("away");
  expect(await Promise.all([suggest("lam", 8), suggest("lam", 8)])).toEqual([nothing, nothing]);
  expect(await suggest("lam", 5)).toEqual(nothing);
  expect(asked).toEqual(["lam 8", "lam 8", "lam 5"]);
});

test("popular queries come before completed ones, each once; without Postgres there are none", async () => {
  const completed = { ...nothing, queries: ["lamp", "lamp shade"] };
  const engine = { suggest: () => Promise.resolve(completed) };
  const popularQueries = () => Promise.resolve(["lamp for reading", "lamp"]);
  const suggested = await cachedSuggestions(engine, { popularQueries })("lam", 3);
  expect(suggested.queries).toEqual(["lamp for reading", "lamp", "lamp shade"]);
  const away = { popularQueries: () => Promise.reject(new Error("away")) };
  expect(await cachedSuggestions(engine, away)("lam", 3)).toEqual(completed);
});
