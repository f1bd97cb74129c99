import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { guest } from "../identity/caller.ts";
import { socketQuota } from "./socket-quota.ts";
import { SubscriptionQuota, type SubscriptionSize } from "./subscription-quota.ts";

const size = (more: Partial<SubscriptionSize> = {}): SubscriptionSize => ({
  ip: "1.2.3.4",
  caller: guest,
  document: { key: "d", bytes: 1_000 },
  variableBytes: 100,
  ...more,
});
const user = (userId: string) => ({ kind: "user" as const, userId, roles: [] });

function taken(place: (() => void) | GraphQLError): () => void {
  if (typeof place !== "function") throw place;
  return place;
}

test("an address, a user and all together have so many places, and a place that is left is free again", () => {
  const quota = new SubscriptionQuota({ inAll: 5, perAddress: 3, perUser: 2 });
  const ann = size({ caller: user("usr_ann") });
  const leave = taken(quota.acquire(ann));
  taken(quota.acquire({ ...ann, ip: "5.6.7.8" }));
  expect(quota.acquire({ ...ann, ip: "9.9.9.9" })).toMatchObject({
    message: expect.stringContaining("2 subscriptions run for this user") as string,
    extensions: { code: "RATE_LIMITED", limit: 2 },
  });
  for (const _ of [1, 2]) taken(quota.acquire(size()));
  expect(quota.acquire(size())).toMatchObject({ extensions: { limit: 3 } });
  taken(quota.acquire(size({ ip: "5.6.7.8" })));
  expect(quota.acquire(size({ ip: "9.9.9.9" }))).toMatchObject({ extensions: { limit: 5 } });
  leave();
  leave();
  expect(quota.running).toBe(4);
  taken(quota.acquire(ann));
});

test("documents and variables are counted in bytes, a document once for all that share it", () => {
  const quota = new SubscriptionQuota({ inAll: 1_000, perAddress: 1_000, perUser: 1_000 });
  const large = (key: string) => size({ document: { key, bytes: 2 ** 18 }, variableBytes: 0 });
  for (let at = 0; at < 100; at++) taken(quota.acquire(large("one")));
  const leaves = ["two", "three", "four"].map((key) => taken(quota.acquire(large(key))));
  expect(quota.acquire(large("five"))).toMatchObject({
    message: expect.stringContaining("this address") as string,
    extensions: { code: "RATE_LIMITED" },
  });
  leaves[0]?.();
  taken(quota.acquire(large("five")));
  expect(quota.acquire(size({ ip: "5.6.7.8", variableBytes: 5 * 2 ** 20 }))).toBeInstanceOf(GraphQLError);
});

test("documents that differ are few for an address, the shop's own and shared ones any number", () => {
  const quota = new SubscriptionQuota({ inAll: 1_000, perAddress: 1_000, perUser: 1_000 });
  const own = (at: number, ip = "1.2.3.4") => size({ ip, document: { key: `own ${at}`, bytes: 1_000 } });
  const leaves = Array.from({ length: 50 }, (_, at) => taken(quota.acquire(own(at))));
  expect(quota.acquire(own(50))).toMatchObject({
    message: expect.stringContaining("50 documents") as string,
    extensions: { code: "RATE_LIMITED", limit: 50 },
  });
  taken(quota.acquire(own(7)));
  for (let at = 0; at < 100; at++) taken(quota.acquire(size({ document: { key: `known ${at}`, bytes: 0 } })));
  taken(quota.acquire(own(50, "5.6.7.8")));
  leaves[0]?.();
  taken(quota.acquire(own(50)));
});

test("a few addresses leave places and bytes for others, and take nothing from the shop's own operations", () => {
  const quota = new SubscriptionQuota({ inAll: 15_000, perAddress: 1_000, perUser: 200 });
  let refused: GraphQLError | undefined;
  for (let at = 0; at < 50 * 50; at++) {
    const stranger = size({ ip: `stranger ${at % 50}`, document: { key: `own ${at}`, bytes: 20_000 } });
    const place = quota.acquire(stranger);
    if (place instanceof GraphQLError) refused = place;
  }
  expect(refused?.extensions).toMatchObject({ code: "RATE_LIMITED" });
  taken(quota.acquire(size({ ip: "honest", document: { key: "mine", bytes: 100_000 } })));
  const known = { key: "known", bytes: 0 };
  // 10,000 subscriptions of the shop's own operation.
  for (let at = 0; at < 10_000; at++)
    taken(quota.acquire(size({ ip: `follower ${at}`, document: known, variableBytes: 1_500 })));
  for (let at = 0; at < 15_000; at++) quota.acquire(size({ ip: `greedy ${at % 15}`, document: known }));
  expect(quota.running).toBeLessThan(14_000);
  taken(quota.acquire(size({ ip: "late", document: known, variableBytes: 1_500 })));
});

test("without limits per address and user, those in all stay", () => {
  const quota = new SubscriptionQuota({ inAll: 300, perAddress: undefined, perUser: undefined });
  for (let at = 0; at < 300; at++) taken(quota.acquire(size()));
  expect(quota.acquire(size())).toMatchObject({ extensions: { limit: 300 } });
});

test("an address has so many sockets, some that are closed with a reason, and no more", () => {
  const quota = socketQuota({ inAll: 100, perAddress: 2 });
  const mine = [quota.acquire("a"), quota.acquire("a")];
  expect(mine.map((place) => place?.isAccepted)).toEqual([true, true]);
  const refused = Array.from({ length: 21 }, () => quota.acquire("a"));
  expect(refused.slice(0, 20).every((place) => place?.isAccepted === false)).toBe(true);
  expect(refused[20]).toBeUndefined();
  expect(quota.acquire("b")?.isAccepted).toBe(true);
  mine[0]?.release();
  mine[0]?.release();
  expect([quota.acquire("a")?.isAccepted, quota.acquire("a")?.isAccepted]).toEqual([true, undefined]);
  expect(socketQuota({ inAll: 100, perAddress: undefined }).acquire("a")?.isAccepted).toBe(true);
});

test("a few addresses with all their sockets leave some for others, until all are taken", () => {
  const quota = socketQuota({ inAll: 300, perAddress: 100 });
  const mine = Array.from({ length: 300 }, (_, at) => quota.acquire(`stranger ${at % 3}`));
  expect(mine.filter((place) => place?.isAccepted).length).toBe(200);
  expect(quota.isFull).toBe(false);
  const others = Array.from({ length: 100 }, (_, at) => quota.acquire(`other ${at}`));
  expect(others.every((place) => place?.isAccepted)).toBe(true);
  expect(quota.isFull).toBe(true);
  expect(quota.acquire("late")).toBeUndefined();
  others[0]?.release();
  expect(quota.acquire("late")?.isAccepted).toBe(true);
});
