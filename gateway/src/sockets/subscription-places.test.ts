import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { guest } from "../identity/caller.ts";
import { socketPlaces } from "./socket-places.ts";
import { SubscriptionPlaces, type SubscriptionSize } from "./subscription-places.ts";

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
  const large = (key: string) => size({ document: { key, bytes: 2 ** 20 }, variableBytes: 0 });
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

test("without limits per address and user, those in all stay", () => {
  const places = new SubscriptionPlaces({ inAll: 300, perAddress: undefined, perUser: undefined });
  for (let at = 0; at < 300; at++) taken(places.take(size()));
  expect(places.take(size())).toMatchObject({ extensions: { limit: 300 } });
});

test("an address has so many sockets, some that are closed with a reason, and no more", () => {
  const places = socketPlaces(2);
  const mine = [places.take("a"), places.take("a")];
  expect(mine.map((place) => place?.isFree)).toEqual([true, true]);
  const refused = Array.from({ length: 21 }, () => places.take("a"));
  expect(refused.slice(0, 20).every((place) => place?.isFree === false)).toBe(true);
  expect(refused[20]).toBeUndefined();
  expect(places.take("b")?.isFree).toBe(true);
  mine[0]?.leave();
  mine[0]?.leave();
  expect([places.take("a")?.isFree, places.take("a")?.isFree]).toEqual([true, undefined]);
  expect(socketPlaces(undefined).take("a")?.isFree).toBe(true);
});
