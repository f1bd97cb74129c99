import { describe, expect, it } from "vitest";
import { firstToken, graceMs, hashOf, presentToken, successorOf, type Family } from "./refresh-token.ts";

const key = Buffer.from("key");
const id = `ses_${"0".repeat(26)}`;
const start = Date.parse("2026-03-01T12:00:00Z");

/** A session in memory, changed as the store changes it. */
function familyOf() {
  const first = firstToken(id);
  let family: Family | undefined = {
    id,
    expiresAt: new Date(start + 1e12),
    usedAt: new Map([[hashOf(first), null]]),
  };
  return {
    first,
    isAlive: () => family !== undefined,
    present(token: string, atMs: number) {
      const now = new Date(start + atMs);
      const answer = presentToken(family, token, { now, key });
      if (answer.decision === "revoke") family = undefined;
      if (family && answer.decision === "rotate") {
        const usedAt = new Map([
          ...family.usedAt,
          [hashOf(token), now],
          [hashOf(answer.newest), null],
        ] as const);
        family = { ...family, usedAt };
      }
      return answer;
    },
  };
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("several tabs of one session", () => {
  it("gives the newest to a tab that comes with an older token, and that one is good", () => {
    const { first, present } = familyOf();
    const second = present(first, 0).newest ?? "";
    const third = present(second, 10_000).newest ?? "";
    expect(present(first, 29_000)).toEqual({ decision: "repeat", newest: third });
    expect(present(second, 39_000)).toEqual({ decision: "repeat", newest: third });
    expect(present(third, 3_000_000)).toMatchObject({ decision: "rotate" });
  });

  it("is never revoked while each comes with what was the newest within the last 30 seconds", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = randoms(seed);
      const { first, present, isAlive } = familyOf();
      /** When each token stopped being the newest. */
      const supersededAt = new Map<string, number>();
      let newest = first;
      let nowMs = 0;
      const tabs = Array.from({ length: 1 + Math.floor(random() * 4) }, () => first);
      for (let step = 0; step < 60; step++) {
        nowMs += Math.floor(random() ** 3 * 20_000);
        const tab = Math.floor(random() * tabs.length);
        // A tab that slept longer than the grace reads the newest token from the shared storage, as a reloaded page does.
        const held = tabs[tab] ?? first;
        const token = nowMs - (supersededAt.get(held) ?? nowMs) <= graceMs ? held : newest;
        const answer = present(token, nowMs);
        if (answer.newest === undefined)
          throw new Error(`${answer.decision} with seed ${seed} at step ${step}`);
        if (answer.decision === "rotate") {
          supersededAt.set(newest, nowMs);
          newest = answer.newest;
        }
        if (answer.newest !== newest) throw new Error(`not the newest, with seed ${seed} at step ${step}`);
        // A lost answer leaves the tab with its old token.
        if (random() < 0.8) tabs[tab] = answer.newest;
      }
      expect(isAlive()).toBe(true);
    }
  });

  it("is revoked for all by any token that was superseded longer ago, or was made up", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = randoms(seed);
      const { first, present, isAlive } = familyOf();
      const tokens = [first];
      const times: number[] = [];
      let nowMs = 0;
      for (let step = 0; step < 1 + random() * 6; step++) {
        nowMs += Math.floor(random() * 40_000);
        times.push(nowMs);
        tokens.push(present(tokens.at(-1) ?? "", nowMs).newest ?? "");
      }
      const at = Math.floor(random() * times.length);
      const madeUp = successorOf(first, id, Buffer.from("another key"));
      const stolen = random() < 0.2 ? madeUp : (tokens[at] ?? "");
      const lateMs = Math.max(nowMs, (times[at] ?? 0) + graceMs + 1);
      expect(present(stolen, lateMs)).toEqual({ decision: "revoke" });
      expect(isAlive()).toBe(false);
      for (const token of tokens) expect(present(token, lateMs)).toEqual({ decision: "refuse" });
    }
  });
});
