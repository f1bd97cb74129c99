import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("gives the first answer that is one; errors are no answer yet", async () => {
  let asks = 0;
  const ask = () => {
    asks++;
    if (asks === 1) throw new Error("not there");
    return asks === 3 ? "here" : undefined;
  };
  expect(await eventually(ask)).toBe("here");
});

test("says what was missing, and the last reason", async () => {
  const never = eventually(() => false, "no order", 50);
  await expect(never).rejects.toThrow(/^no order within \d+ ms: the last answer was false$/);
  const failing = eventually(() => Promise.reject(new Error("connection refused")), "no order", 50);
  await expect(failing).rejects.toThrow("the last error was connection refused");
});

test("waits as long as something moves", async () => {
  let steps = 0;
  const moving = setInterval(() => steps++, 60);
  const isThere = () => steps >= 12;
  await eventually(isThere, "it stood still", { withinMs: 300, progress: () => steps });
  clearInterval(moving);
  const still = eventually(() => false, "it stood still", { withinMs: 100, progress: () => ({ steps: 7 }) });
  await expect(still).rejects.toThrow("what moves was last { steps: 7 }");
});

test("gives a slow machine as many asks as a fast one", async () => {
  let asks = 0;
  const slow = async () => {
    await later(120);
    asks++;
    return asks === 5;
  };
  await eventually(slow, "it was asked too seldom", 500);
});
