import { describe, expect, test } from "vitest";
import { ourDecisions } from "./decisions.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { mutants } from "./mutants/index.ts";
import { modes, simulate } from "./simulate.ts";

/** The rarest mutant needs three coincidences, which one shop in 600 has; most are found in the first ten. */
const maxSeeds = 4_000;

describe("a mistake in the saga's decisions is found", () => {
  test.each(mutants)("$name", (mutant) => {
    expect(firstFound(mutant)).toMatch(/\bI\d+ /);
  });

  test("and none has another's name", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(130);
  });
});

/** The first violation that any mode's shops show. */
function firstFound({ mutate }: Mutant): string | undefined {
  const decisions = mutate(ourDecisions);
  for (let seed = 0; seed < maxSeeds; seed++) {
    for (const mode of modes) {
      const [found] = simulate(seed, { mode, decisions }).wrong;
      if (found) return found;
    }
  }
  return undefined;
}
