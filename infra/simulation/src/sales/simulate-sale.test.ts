import { describe, expect, test } from "vitest";
import { ourDecisions } from "../decisions.ts";
import { saleMutants } from "./sale-mutants.ts";
import { simulateSale } from "./simulate-sale.ts";

/** `SEED=17` runs that one alone, `SEEDS=5000` runs more of them. */
const only = process.env["SEED"];
const seeds = only
  ? [Number(only)]
  : Array.from({ length: Number(process.env["SEEDS"] ?? 1_000) }, (_, at) => at);

test(`${seeds.length} flash sales come to rest with all invariants, I12 among them`, () => {
  const ends = new Map<string, number>();
  for (const seed of seeds) {
    const history = simulateSale(seed);
    for (const end of history.ends) ends.set(end, (ends.get(end) ?? 0) + 1);
    if (history.wrong.length > 0)
      throw new Error(
        `seed ${seed} (run it alone with SEED=${seed}):\n${history.wrong.join("\n")}\n\n${history.trace.join("\n")}`,
      );
  }
  // Histories in which no ticket ends so would prove nothing.
  if (!only) {
    const all = ["BOUGHT", "EXPIRED", "LEFT", "SOLD_OUT"];
    expect(all.filter((end) => (ends.get(end) ?? 0) < 100)).toEqual([]);
  }
});

describe("a mistake in a sale's decisions is found", () => {
  test.each(saleMutants)("$name", ({ mutate }) => {
    const decisions = mutate(ourDecisions);
    let found: string | undefined;
    for (let seed = 0; seed < 2_000 && found === undefined; seed++)
      [found] = simulateSale(seed, decisions).wrong;
    expect(found).toMatch(/\bI\d+ /);
  });
});
