import { expect, test } from "vitest";
import { withTimeout } from "./with-timeout.ts";

const late = () => new Error("too late");

test("gives the work's result, or its error, within the time", async () => {
  expect(await withTimeout(Promise.resolve(1), 50_000, late)).toBe(1);
  await expect(withTimeout(Promise.reject(new Error("no")), 50_000, late)).rejects.toThrow("no");
});

test("rejects when the time is over, and a later failure of the work is no unhandled one", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  await expect(withTimeout(promise, 1, late)).rejects.toThrow("too late");
  reject(new Error("afterwards"));
  await new Promise((resolve) => setImmediate(resolve));
});
