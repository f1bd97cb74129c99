import { expect, test } from "vitest";
import { Follower } from "./follower.ts";

const follower = (after = 0) => {
  const left: string[] = [];
  return { left, it: new Follower<string>({ of: "order", id: "ord_1" }, after, () => left.push("left")) };
};

test("what comes before it is asked for waits, what is asked for before it comes is waited for", async () => {
  const { it } = follower();
  it.give(1, "one");
  expect(await it.next()).toEqual({ done: false, value: "one" });
  const [two, three] = [it.next(), it.next()];
  it.give(2, "two");
  it.give(3, "three");
  expect([(await two).value, (await three).value]).toEqual(["two", "three"]);
});

test("what was given before is passed over", async () => {
  const { it } = follower(5);
  it.give(5, "old");
  it.give(6, "new");
  it.give(6, "new again");
  expect(it.waiting).toBe(1);
  expect((await it.next()).value).toBe("new");
});

test("leaving while it waits ends the wait, and leaves nothing behind", async () => {
  const { it, left } = follower();
  const waiting = it.next();
  await it.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await it.next()).toEqual({ done: true, value: undefined });
  it.give(1, "too late");
  expect(it.waiting).toBe(0);
  expect(left).toEqual(["left"]);
});
