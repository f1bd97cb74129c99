import { expect, test } from "vitest";
import { AsyncQueue, QueueOverflow } from "./async-queue.ts";

test("events come in order, whether they wait or are waited for", async () => {
  const queue = new AsyncQueue<number>(10);
  queue.push(1);
  queue.push(2);
  expect([await queue.next(), await queue.next()].map(({ value }) => value)).toEqual([1, 2]);
  const waiting = queue.next();
  queue.push(3);
  expect(await waiting).toEqual({ value: 3, done: false });
});

test("what came before the end is still read, then the end, once", async () => {
  const queue = new AsyncQueue<number>(10);
  queue.push(1);
  queue.fail(new Error("gone"));
  queue.push(2);
  expect(await queue.next()).toEqual({ value: 1, done: false });
  await expect(queue.next()).rejects.toThrow("gone");
  expect(await queue.next()).toEqual({ value: undefined, done: true });
});

test("return ends the wait of every reader, and drops what waits and what comes later", async () => {
  const queue = new AsyncQueue<number>();
  const waiting = [queue.next(), queue.next()];
  await queue.return();
  const end = { value: undefined, done: true };
  expect(await Promise.all(waiting)).toEqual([end, end]);
  queue.push(1);
  expect(await queue.next()).toEqual(end);
  const full = new AsyncQueue<number>();
  full.push(1);
  await full.return();
  expect([full.waiting, await full.next()]).toEqual([0, end]);
});

test("a reader that can't keep up gets an error, after what it could still have", async () => {
  const queue = new AsyncQueue<number>(2);
  for (const event of [1, 2, 3, 4]) queue.push(event);
  expect([await queue.next(), await queue.next()].map(({ value }) => value)).toEqual([1, 2]);
  await expect(queue.next()).rejects.toThrow(QueueOverflow);
});
