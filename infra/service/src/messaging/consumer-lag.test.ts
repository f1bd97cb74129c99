import { expect, test } from "vitest";
import type { Provision } from "./provision.ts";
import { consumerLag } from "./consumer-lag.ts";

const producers = new Set(["catalog", "inventory"]);
type Standing = { pending?: number; inHand?: number; reached?: number; sentUpTo?: number; lastSeq?: number };

/** How the provisioner answers: nothing waits, and the stream's last event is none of this consumer's. */
function answer(at: Standing, republishing: string[] = []): Provision {
  const { pending = 0, inHand = 0, reached = 10, sentUpTo = 10, lastSeq = 20 } = at;
  const stream = { created: "now", firstSeq: 1, lastSeq, deleted: 0 };
  const consumer = {
    ...{ name: "cart-projection", created: "now", isFiltered: true, isBound: true, subjects: [] },
    ...{ pending, inHand, reached, sentUpTo },
  };
  return { stream, consumer, consumers: [], republishing };
}

test("a consumer that has all there is, or takes each event within seconds, is not behind", () => {
  const lag = consumerLag(producers);
  expect(lag.check(answer({}), 0)).toBeUndefined();
  // At each check another event is in hand, and the one before is done with.
  for (let n = 1; n < 20; n++) {
    const busy = { inHand: 1, sentUpTo: 20 + 10 * n, reached: 10 + 10 * n, lastSeq: 25 + 10 * n };
    expect(lag.check(answer(busy), n * 2_000)).toBeUndefined();
  }
});

test("after its start a consumer is catching up until it has handled what waited at its first check", () => {
  const lag = consumerLag(producers);
  expect(lag.check(answer({ pending: 3, inHand: 2 }), 0)).toMatch(
    /catching up since its start: 5 events wait/,
  );
  expect(lag.check(answer({ pending: 3, reached: 15, lastSeq: 24 }), 2_000)).toMatch(/catching up/);
  // Four more have come meanwhile: these are traffic.
  expect(lag.check(answer({ pending: 4, reached: 20, lastSeq: 24 }), 4_000)).toBeUndefined();
  expect(lag.check(answer({ inHand: 1, reached: 23, sentUpTo: 24, lastSeq: 24 }), 6_000)).toBeUndefined();
});

test("a consumer is behind once an event has waited for 5 s, and until it is done with", () => {
  const lag = consumerLag(producers);
  const stuck = { inHand: 1, reached: 10, sentUpTo: 15 };
  expect(lag.check(answer({}), 0)).toBeUndefined();
  expect(lag.check(answer(stuck), 0)).toBeUndefined();
  expect(lag.check(answer(stuck), 4_000)).toBeUndefined();
  expect(lag.check(answer({ ...stuck, inHand: 7, sentUpTo: 19 }), 6_000)).toMatch(
    /7 events wait, the oldest/,
  );
  expect(lag.check(answer({ reached: 19, sentUpTo: 19 }), 8_000)).toBeUndefined();
});

test("a consumer is behind while more than 1,000 events wait, however young they are", () => {
  const lag = consumerLag(producers);
  expect(lag.check(answer({ pending: 990, inHand: 11 }), 0)).toMatch(/1001 events wait/);
  expect(lag.check(answer({}), 100)).toBeUndefined();
});

test("a consumer that was made anew, or whose producers publish lost events again, says that it may lack some", () => {
  const lag = consumerLag(producers);
  lag.wasRemade(0);
  expect(lag.check(answer({}), 0)).toMatch(/made anew/);
  expect(lag.check(answer({}, ["catalog"]), 7_000)).toMatch(/those of catalog are being published again/);
  expect(lag.check(answer({}, ["payment"]), 8_000)).toBeUndefined();
});
