import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { clientAddress, isFromInside, isFromThisMachine } from "./client-address.ts";

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } }) as unknown as IncomingMessage;

test("without a trusted proxy, what a client writes about itself counts for nothing", () => {
  expect(clientAddress(from("::ffff:203.0.113.7", "1.2.3.4"), 0)).toBe("203.0.113.7");
});

test("behind proxies, the address that the outermost of them saw counts", () => {
  expect(clientAddress(from("10.0.0.1", "6.6.6.6, 203.0.113.7"), 1)).toBe("203.0.113.7");
  expect(clientAddress(from("10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.2"), 2)).toBe("203.0.113.7");
  expect(clientAddress(from("10.0.0.1"), 1)).toBe("10.0.0.1");
});

test("a port that a proxy writes with the address is no part of it", () => {
  expect(clientAddress(from("10.0.0.1", "203.0.113.7:50123"), 1)).toBe("203.0.113.7");
  expect(clientAddress(from("10.0.0.1", "[2001:db8::6]:50123"), 1)).toBe("2001:db8:0:0::/64");
});

test("an IPv6 customer is a /64", () => {
  expect(clientAddress(from("2001:db8:1:2:3:4:5:6"), 0)).toBe("2001:db8:1:2::/64");
  expect(clientAddress(from("2001:db8::6"), 0)).toBe("2001:db8:0:0::/64");
});

test("this machine is not its network, nor what came through a proxy", () => {
  expect([from("127.0.0.1"), from("::1"), from("::ffff:127.0.0.1")].every(isFromThisMachine)).toBe(true);
  expect(
    [from("10.1.2.3"), from("192.168.1.5"), from("fd00::1"), from("127.0.0.1", "10.1.2.3")].some(
      isFromThisMachine,
    ),
  ).toBe(false);
});

test("inside is this machine and private networks, not what came through a proxy", () => {
  expect(
    [from("127.0.0.1"), from("::1"), from("::ffff:10.1.2.3"), from("172.20.0.1")].every(isFromInside),
  ).toBe(true);
  expect([from("203.0.113.7"), from("127.0.0.1", "203.0.113.7"), from("172.32.0.1")].some(isFromInside)).toBe(
    false,
  );
});
