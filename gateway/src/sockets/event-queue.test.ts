import { expect, test } from "vitest";
import { EventQueue, QueueOverflow } from "./event-queue.ts";

test("events come in order, whether they wait or are waited for", async () => {
  const queue = new EventQueue<number>(10);
  queue.push(1);
  queue.push(2);
  expect([await queue.next(), await queue.next()].map(({ value }) => value)).toEqual([1, 2]);
  const waiting = queue.next();
  queue.push(3);
  expect(await waiting).toEqual({ value: 3, done: false });
});

test("what came before the end is still read, then the end, once", async () => {
  const queue = new EventQueue<number>(10);
  queue.push(1);
  queue.fail(new Error("gone"));
  queue.push(2);
  expect(await queue.next()).toEqual({ value: 1, done: false });
  await expect(queue.next()).rejects.toThrow("gone");
  expect(await queue.next()).toEqual({ value: undefined, done: true });
});

test("a reader that waits is let go when the queue is dropped", async () => {
  const queue = new EventQueue<number>(10);
  const waiting = queue.next();
  queue.drop();
  expect(await waiting).toEqual({ value: undefined, done: true });
});

test("a reader that can't keep up is told, after what it could still have", async () => {
  const queue = new EventQueue<number>(2);
  for (const event of [1, 2, 3, 4]) queue.push(event);
  expect([await queue.next(), await queue.next()].map(({ value }) => value)).toEqual([1, 2]);
  await expect(queue.next()).rejects.toThrow(QueueOverflow);
});
