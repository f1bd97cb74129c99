import { expect, test } from "vitest";
import { Followers } from "./followers.ts";
import { feedKey, type Feed } from "../store/read-feeds.ts";

const first: Feed = { of: "order", id: "ord_1" };
const second: Feed = { of: "order", id: "ord_2" };
const key = feedKey(first);

test("a feed is read once for all its followers, from the least of their cursors, and only if it is followed", () => {
  const followers = new Followers<string>();
  followers.add(first, 3);
  followers.add(first, 1);
  followers.add(second, 7);
  expect(followers.toRead([key])).toEqual([{ feed: first, after: 1 }]);
  expect(followers.toRead()).toEqual([
    { feed: first, after: 1 },
    { feed: second, after: 7 },
  ]);
  expect(followers.toRead([feedKey({ of: "customer", id: "ord_1" })])).toEqual([]);
});

test("a follower that comes while its feed is being read misses nothing of what lies before", async () => {
  const followers = new Followers<string>();
  const early = followers.add(first, 5);
  const [asked] = followers.toRead();
  const late = followers.add(first, 0);
  followers.give(key, "six", { counter: 6, readAfter: asked?.after ?? 0 });
  expect((await early.next()).value).toBe("six");
  expect([late.after, late.waiting]).toEqual([0, 0]);
  const [again] = followers.toRead();
  expect(again?.after).toBe(0);
  for (const [at, value] of ["one", "two"].entries())
    followers.give(key, value, { counter: at + 1, readAfter: 0 });
  expect([(await late.next()).value, (await late.next()).value]).toEqual(["one", "two"]);
  expect(early.waiting).toBe(0);
});

test("from memory a follower takes only its next value; one that lacks values before it is behind, and reads", async () => {
  const followers = new Followers<string>();
  const [current, late] = [followers.add(first, 3), followers.add(first, 1)];
  followers.giveNext(key, "four", 4);
  expect([current.after, late.after]).toEqual([4, 1]);
  expect([followers.isBehind(key, 4), followers.isBehind(key, 1)]).toEqual([true, false]);
  followers.giveNext(key, "four again", 4);
  followers.giveNext(key, "six", 6);
  expect([current.waiting, late.waiting]).toEqual([1, 0]);
  // A read that began at the later one's cursor fills its gap, and doubles nothing for the other.
  for (const [at, value] of ["two", "three", "four", "five", "six"].entries())
    followers.give(key, value, { counter: at + 2, readAfter: 1 });
  expect([current.waiting, late.waiting]).toEqual([3, 5]);
  expect([followers.isBehind(key, 6), followers.isBehind(key, Infinity)]).toEqual([false, true]);
  expect((await current.next()).value).toBe("four");
  expect((await current.next()).value).toBe("five");
});

test("one that is far behind in taking its values is left alone, and gets the rest once it has", async () => {
  const followers = new Followers<string>();
  const slow = followers.add(first, 0);
  for (let counter = 1; counter <= 500; counter++)
    followers.give(key, `${counter}`, { counter, readAfter: 0 });
  expect(followers.toRead()).toEqual([]);
  followers.giveNext(key, "501", 501);
  expect([slow.waiting, followers.isBehind(key, 501)]).toEqual([500, false]);
  const quick = followers.add(first, 600);
  expect(followers.toRead()).toEqual([{ feed: first, after: 600 }]);
  followers.give(key, "601", { counter: 601, readAfter: 600 });
  expect([slow.waiting, quick.waiting]).toEqual([500, 1]);
  await slow.next();
  expect(followers.toRead()).toEqual([{ feed: first, after: 500 }]);
});

test("nothing is left of a feed whose followers have gone, and leaving twice counts once", async () => {
  const followers = new Followers<string>();
  const [one, other] = [followers.add(first, 0), followers.add(first, 0)];
  await one.return();
  await one.return();
  expect([followers.size, followers.has(key)]).toEqual([1, true]);
  await other.return();
  expect([followers.size, followers.has(key)]).toEqual([0, false]);
  followers.add(second, 0);
  await followers.end();
  expect(followers.size).toBe(0);
});
