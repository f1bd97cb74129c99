import { pollLoop, type Logger, type PollLoop } from "@shop/service";
import type { ActivityStore } from "../activity/activity-store.ts";
import type { SearchEngine } from "../engine/engine.ts";

const everyMs = 1_000;
const maxAtOnce = 1_000;

type Deps = {
  store: Pick<ActivityStore, "popularityToIndex" | "markIndexed">;
  engine: Pick<SearchEngine, "setPopularity">;
  log: Pick<Logger, "warn">;
};

/**
 * Brings popularity from Postgres into the index, once a second: a crash between the two leaves it to be indexed. While the
 * index is rebuilt it waits, since a page that was read before would bring an older one.
 */
export function indexPopularity({ store, engine, log }: Deps): PollLoop {
  const onError = (error: unknown, failures: number) =>
    log.warn({ err: error, failures }, "popularity can't be indexed yet");
  return pollLoop({ everyMs, firstAfterMs: everyMs, backoff: {}, onError }, async () => {
    const popularity = await store.popularityToIndex(maxAtOnce);
    if (popularity.size === 0 || !(await engine.setPopularity(popularity))) return undefined;
    await store.markIndexed(popularity);
    return popularity.size === maxAtOnce ? 0 : undefined;
  });
}
