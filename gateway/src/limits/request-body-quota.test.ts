import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { RequestBodyQuota } from "./request-body-quota.ts";

const megabyte = 2 ** 20;
const response = () => new EventEmitter() as unknown as ServerResponse;

test("an address that sends large bodies slowly keeps no other out", () => {
  const bodies = new RequestBodyQuota();
  const slow = Array.from({ length: 30 }, response);
  const taken = slow.map((one) => bodies.open(one, "203.0.113.1")(megabyte));
  expect(taken.filter(Boolean)).toHaveLength(2);
  expect(bodies.open(response(), "203.0.113.2")(megabyte)).toBe(true);
  for (const one of slow) one.emit("close");
  expect(bodies.open(response(), "203.0.113.1")(2 * megabyte)).toBe(true);
});

test("what comes in after the answer is held no more", () => {
  const bodies = new RequestBodyQuota();
  for (let times = 0; times < 30; times++) {
    const refused = response();
    const hold = bodies.open(refused);
    refused.emit("close");
    expect(hold(megabyte)).toBe(false);
  }
  expect(bodies.open(response())(24 * megabyte)).toBe(true);
});

test("all together hold 24 MB, which come free as answers end", () => {
  const bodies = new RequestBodyQuota();
  const first = response();
  expect(bodies.open(first)(20 * megabyte)).toBe(true);
  expect(bodies.open(response(), "203.0.113.1")(2 * megabyte)).toBe(true);
  expect(bodies.open(response())(4 * megabyte)).toBe(false);
  first.emit("close");
  expect(bodies.open(response())(4 * megabyte)).toBe(true);
});

test("a dozen addresses with all that each may have keep out no page's request", () => {
  const bodies = new RequestBodyQuota();
  const taken = Array.from({ length: 30 }, (_, at) =>
    bodies.open(response(), `stranger ${at}`)(2 * megabyte),
  );
  expect(taken.filter(Boolean)).toHaveLength(8);
  for (let at = 0; at < 100; at++) expect(bodies.open(response(), `honest ${at}`)(2_048)).toBe(true);
  expect(bodies.open(response())(7 * megabyte)).toBe(true);
});
