import { sleep } from "../runtime/poll.ts";
import type { Postgres } from "./transaction.ts";
import type { Logger } from "../runtime/telemetry.ts";

/** Rows that go in one statement: few enough for its time limit, however many are due. */
const atOnce = 5_000;
/** A new instance has other things to do first. */
const firstAfterMs = 60_000;
const everyMs = 3_600_000;

/**
 * Once an hour deletes what has had its time: the outbox log and idempotency after 7 days, after 14 the inbox and
 * what no release has taken up.
 */
export function startRetention(pg: Postgres, log: Logger): AsyncDisposable {
  const { sql } = pg;
  const stopping = new AbortController();

  const forget = async (table: string, age: string, days: number) => {
    for (let gone = atOnce; gone === atOnce && !stopping.signal.aborted;) {
      const old = await sql`
        delete from ${sql(table)} where ctid = any(array(
          select ctid from ${sql(table)} where ${sql(age)} < now() - ${days} * interval '1 day' limit ${atOnce}))`;
      gone = old.count;
    }
  };
  const keep = async () => {
    await sleep(firstAfterMs, stopping.signal);
    while (!stopping.signal.aborted) {
      try {
        await forget("outbox_log", "published_at", 7);
        await forget("inbox", "handled_at", 14);
        await forget("idempotency", "created_at", 7);
        // No release has wanted them for as long as the inbox remembers.
        await forget("unhandled_events", "noted_at", 14);
      } catch (error) {
        log.warn({ err: error }, "housekeeping failed; trying again in an hour");
      }
      await sleep(everyMs, stopping.signal);
    }
  };
  const running = keep();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}
