import { waitMs } from "./backoff.ts";
import type { Postgres } from "./postgres.ts";
import type { Logger } from "./telemetry.ts";

/** Once an hour lets go of what has had its time: the outbox log and idempotency after 7 days, the inbox after 14. */
export function startHousekeeping(pg: Postgres, log: Logger): AsyncDisposable {
  const stopping = new AbortController();
  const keep = async () => {
    while (!stopping.signal.aborted) {
      await waitMs(3_600_000, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await pg.sql`delete from outbox_log where published_at < now() - interval '7 days'`;
        await pg.sql`delete from inbox where handled_at < now() - interval '14 days'`;
        await pg.sql`delete from idempotency where created_at < now() - interval '7 days'`;
      } catch (error) {
        log.warn({ err: error }, "housekeeping failed; trying again in an hour");
      }
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
