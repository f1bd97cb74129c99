import { expect, test } from "vitest";
import { waitForBacklog, type Backlog } from "./wait-for-backlog.ts";

const never = new AbortController().signal;

/** Answers these one after another, and the last one for good. */
function looks(...backlogs: Backlog[]): () => Promise<Backlog> {
  return () => Promise.resolve((backlogs.length > 1 ? backlogs.shift() : backlogs[0]) as Backlog);
}

test("the shop is caught up once no event waits and none has come since the look before", async () => {
  const seen: number[] = [];
  const backlog = looks(
    { lastSeq: 10, waiting: { "cart-projection": 3 } },
    { lastSeq: 10, waiting: { "cart-projection": 0 } },
    { lastSeq: 11, waiting: { "cart-projection": 0 } },
    { lastSeq: 11, waiting: { "cart-projection": 0 } },
  );
  const look = async () => {
    const now = await backlog();
    seen.push(now.lastSeq);
    return now;
  };
  expect(await waitForBacklog(look, never)).toEqual([]);
  expect(seen).toEqual([10, 10, 11, 11]);
});

test("an event that can't be handled doesn't keep the shop closed: its consumer is named", async () => {
  const stuck = looks({ lastSeq: 10, waiting: { "cart-projection": 2, "order-inbox": 0 } });
  expect(await waitForBacklog(stuck, never, 150)).toEqual(["cart-projection: 2"]);
});
