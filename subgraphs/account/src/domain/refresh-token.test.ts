import { secretId } from "@shop/values";
import { describe, expect, it } from "vitest";
import { decideRefresh, firstToken, sessionOf, successorOf } from "./refresh-token.ts";

const now = new Date("2026-03-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const later = new Date("2026-03-20T12:00:00Z");

describe("a presented refresh token", () => {
  it.each([
    ["of no session", undefined, "refuse"],
    ["of an expired session", { expiresAt: now, token: { usedAt: null } }, "refuse"],
    ["not used yet", { expiresAt: later, token: { usedAt: null } }, "rotate"],
    ["used 30 seconds ago", { expiresAt: later, token: { usedAt: ago(30) } }, "repeat"],
    ["used 31 seconds ago", { expiresAt: later, token: { usedAt: ago(31) } }, "revoke"],
    ["used so long ago that it is forgotten", { expiresAt: later, token: undefined }, "revoke"],
  ])("%s", (_, session, decision) => expect(decideRefresh(session, now)).toBe(decision));
});

describe("refresh tokens", () => {
  it("name their session, and follow one another by a key", () => {
    const id = secretId("ses");
    const token = firstToken(id);
    const next = successorOf(token, id, Buffer.from("key"));
    expect([sessionOf(token), sessionOf(next)]).toEqual([id, id]);
    expect(next).not.toBe(token);
    expect(successorOf(token, id, Buffer.from("key"))).toBe(next);
    expect(successorOf(token, id, Buffer.from("other key"))).not.toBe(next);
  });

  it.each(["", "x", "ses_1.abc", `ses_${"0".repeat(26)}.${"a".repeat(44)}`])("%j is none", (text) => {
    expect(sessionOf(text)).toBeUndefined();
  });
});
