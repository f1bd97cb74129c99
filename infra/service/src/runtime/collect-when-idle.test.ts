import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const module = new URL("./collect-when-idle.ts", import.meta.url).href;
// Half a million objects that are released when they are old enough to stay until memory is needed.
const programWith = (followers: number, withinMs: number) => `
  const { collectWhenIdle } = await import(${JSON.stringify(module)});
  const { getHeapStatistics } = await import("node:v8");
  const size = () => getHeapStatistics().total_physical_size;
  let many = Array.from({ length: 500_000 }, (_, n) => ({ n, name: "number " + n }));
  many = undefined;
  const before = size();
  collectWhenIdle(() => ${followers});
  const deadline = Date.now() + ${withinMs};
  const look = setInterval(() => {
    if (size() > before / 2 && Date.now() < deadline) return;
    clearInterval(look);
    console.log(JSON.stringify({ before, after: size() }));
  }, 100);`;

async function run(program: string): Promise<{ before: number; after: number }> {
  const flags = ["--expose-gc", "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  return JSON.parse(stdout) as { before: number; after: number };
}

test("a process that has nothing to do any more gives back what it used", { timeout: 30_000 }, async () => {
  const { before, after } = await run(programWith(0, 20_000));
  expect(before).toBeGreaterThan(30 * 2 ** 20);
  expect(after).toBeLessThan(before / 2);
});

test("a process with followers is never stopped for it", { timeout: 30_000 }, async () => {
  const { before, after } = await run(programWith(1, 5_000));
  expect(after).toBeGreaterThan(before / 2);
});
