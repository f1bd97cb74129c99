import { eventRetentionDays } from "@shop/values";
import { pollLoop, type PollLoop } from "../runtime/poll-loop.ts";
import type { Postgres } from "./transaction.ts";
import type { Logger } from "../runtime/telemetry.ts";

/** Rows that go in one statement: few enough for its time limit, however many are due. */
const atOnce = 5_000;
/** The first run is a minute after the start, which has other work to do. */
const firstAfterMs = 60_000;
const everyMs = 3_600_000;

/**
 * Deletes old rows once an hour: of the outbox log after `eventRetentionDays`, of idempotency records after 7 days, of the inbox
 * and of events that no release has handled after 14.
 */
export function startRetention({ sql }: Postgres, log: Logger): PollLoop {
  const onError = (error: unknown) =>
    log.warn({ err: error }, "old rows could not be deleted; trying again in an hour");
  return pollLoop({ everyMs, firstAfterMs, onError }, async (signal) => {
    const deleteOld = async (table: string, age: string, days: number) => {
      for (let gone = atOnce; gone === atOnce && !signal.aborted;) {
        const old = await sql`
          delete from ${sql(table)} where ctid = any(array(
            select ctid from ${sql(table)} where ${sql(age)} < now() - ${days} * interval '1 day' limit ${atOnce}))`;
        gone = old.count;
      }
    };
    await deleteOld("outbox_log", "published_at", eventRetentionDays);
    await deleteOld("inbox", "handled_at", 14);
    await deleteOld("idempotency", "created_at", 7);
    // No release has handled them for as long as the inbox remembers.
    await deleteOld("unhandled_events", "noted_at", 14);
  });
}
