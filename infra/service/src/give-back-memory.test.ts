import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const module = new URL("./give-back-memory.ts", import.meta.url).href;
// Half a million objects that are let go of when they are old enough to stay until somebody wants memory.
const program = `
  const { giveBackMemory } = await import(${JSON.stringify(module)});
  const { getHeapStatistics } = await import("node:v8");
  const size = () => getHeapStatistics().total_physical_size;
  let many = Array.from({ length: 500_000 }, (_, n) => ({ n, name: "number " + n }));
  many = undefined;
  const before = size();
  giveBackMemory();
  const deadline = Date.now() + 20_000;
  const look = setInterval(() => {
    if (size() > before / 2 && Date.now() < deadline) return;
    clearInterval(look);
    console.log(JSON.stringify({ before, after: size() }));
  }, 100);`;

test("a process that has nothing to do any more gives back what it used", { timeout: 30_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--expose-gc",
    "--input-type=module",
    "--eval",
    program,
  ]);
  const { before, after } = JSON.parse(stdout) as { before: number; after: number };
  expect(before).toBeGreaterThan(30 * 2 ** 20);
  expect(after).toBeLessThan(before / 2);
});
