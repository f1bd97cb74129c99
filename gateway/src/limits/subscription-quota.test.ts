import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { guest } from "../identity/caller.ts";
import { socketPlaces } from "./socket-quota.ts";
import { SubscriptionPlaces, type SubscriptionSize } from "./subscription-quota.ts";

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
  const places = new SubscriptionPlaces({ inAll: 5, perAddress: 3, perUser: 2 });
  const ann = size({ caller: user("usr_ann") });
  const leave = taken(places.take(ann));
  taken(places.take({ ...ann, ip: "5.6.7.8" }));
  expect(places.take({ ...ann, ip: "9.9.9.9" })).toMatchObject({
    message: expect.stringContaining("2 subscriptions run for this user") as string,
    extensions: { code: "RATE_LIMITED", limit: 2 },
  });
  for (const _ of [1, 2]) taken(places.take(size()));
  expect(places.take(size())).toMatchObject({ extensions: { limit: 3 } });
  taken(places.take(size({ ip: "5.6.7.8" })));
  expect(places.take(size({ ip: "9.9.9.9" }))).toMatchObject({ extensions: { limit: 5 } });
  leave();
  leave();
  expect(places.running).toBe(4);
  taken(places.take(ann));
});

test("documents and variables are counted in bytes, a document once for all that share it", () => {
  const places = new SubscriptionPlaces({ inAll: 1_000, perAddress: 1_000, perUser: 1_000 });
  const large = (key: string) => size({ document: { key, bytes: 2 ** 18 }, variableBytes: 0 });
  for (let at = 0; at < 100; at++) taken(places.take(large("one")));
  const leaves = ["two", "three", "four"].map((key) => taken(places.take(large(key))));
  expect(places.take(large("five"))).toMatchObject({
    message: expect.stringContaining("this address") as string,
    extensions: { code: "RATE_LIMITED" },
  });
  leaves[0]?.();
  taken(places.take(large("five")));
  expect(places.take(size({ ip: "5.6.7.8", variableBytes: 5 * 2 ** 20 }))).toBeInstanceOf(GraphQLError);
});

test("documents that differ are few for an address, the shop's own and shared ones any number", () => {
  const places = new SubscriptionPlaces({ inAll: 1_000, perAddress: 1_000, perUser: 1_000 });
  const own = (at: number, ip = "1.2.3.4") => size({ ip, document: { key: `own ${at}`, bytes: 1_000 } });
  const leaves = Array.from({ length: 50 }, (_, at) => taken(places.take(own(at))));
  expect(places.take(own(50))).toMatchObject({
    message: expect.stringContaining("50 documents") as string,
    extensions: { code: "RATE_LIMITED", limit: 50 },
  });
  taken(places.take(own(7)));
  for (let at = 0; at < 100; at++) taken(places.take(size({ document: { key: `known ${at}`, bytes: 0 } })));
  taken(places.take(own(50, "5.6.7.8")));
  leaves[0]?.();
  taken(places.take(own(50)));
});

test("a few addresses leave places and bytes for others, and take nothing from the shop's own operations", () => {
  const places = new SubscriptionPlaces({ inAll: 15_000, perAddress: 1_000, perUser: 200 });
  let refused: GraphQLError | undefined;
  for (let at = 0; at < 50 * 50; at++) {
    const stranger = size({ ip: `stranger ${at % 50}`, document: { key: `own ${at}`, bytes: 20_000 } });
    const place = places.take(stranger);
    if (place instanceof GraphQLError) refused = place;
  }
  expect(refused?.extensions).toMatchObject({ code: "RATE_LIMITED" });
  taken(places.take(size({ ip: "honest", document: { key: "mine", bytes: 100_000 } })));
  const known = { key: "known", bytes: 0 };
  // 10,000 followers of the shop's own operation.
  for (let at = 0; at < 10_000; at++)
    taken(places.take(size({ ip: `follower ${at}`, document: known, variableBytes: 1_500 })));
  for (let at = 0; at < 15_000; at++) places.take(size({ ip: `greedy ${at % 15}`, document: known }));
  expect(places.running).toBeLessThan(14_000);
  taken(places.take(size({ ip: "late", document: known, variableBytes: 1_500 })));
});

test("without limits per address and user, those in all stay", () => {
  const places = new SubscriptionPlaces({ inAll: 300, perAddress: undefined, perUser: undefined });
  for (let at = 0; at < 300; at++) taken(places.take(size()));
  expect(places.take(size())).toMatchObject({ extensions: { limit: 300 } });
});

test("an address has so many sockets, some that are closed with a reason, and no more", () => {
  const places = socketPlaces({ inAll: 100, perAddress: 2 });
  const mine = [places.take("a"), places.take("a")];
  expect(mine.map((place) => place?.isFree)).toEqual([true, true]);
  const refused = Array.from({ length: 21 }, () => places.take("a"));
  expect(refused.slice(0, 20).every((place) => place?.isFree === false)).toBe(true);
  expect(refused[20]).toBeUndefined();
  expect(places.take("b")?.isFree).toBe(true);
  mine[0]?.leave();
  mine[0]?.leave();
  expect([places.take("a")?.isFree, places.take("a")?.isFree]).toEqual([true, undefined]);
  expect(socketPlaces({ inAll: 100, perAddress: undefined }).take("a")?.isFree).toBe(true);
});

test("a few addresses with all their sockets leave some for others, until all are taken", () => {
  const places = socketPlaces({ inAll: 300, perAddress: 100 });
  const mine = Array.from({ length: 300 }, (_, at) => places.take(`stranger ${at % 3}`));
  expect(mine.filter((place) => place?.isFree).length).toBe(200);
  expect(places.isFull).toBe(false);
  const others = Array.from({ length: 100 }, (_, at) => places.take(`other ${at}`));
  expect(others.every((place) => place?.isFree)).toBe(true);
  expect(places.isFull).toBe(true);
  expect(places.take("late")).toBeUndefined();
  others[0]?.leave();
  expect(places.take("late")?.isFree).toBe(true);
});
