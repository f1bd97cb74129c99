import { withTimeout } from "@shop/service";
import type { ActivityStore } from "../activity/activity-store.ts";
import type { SearchEngine } from "../engine/engine.ts";
import { fold } from "../text/fold.ts";

/** Suggestions without popular queries are better than late ones. */
const popularTimeoutMs = 200;

/** Suggestions with queries that others have asked first. While Postgres is away or late there are none of these. */
export function suggestWithPopularQueries(
  engine: Pick<SearchEngine, "suggest">,
  store: Pick<ActivityStore, "popularQueries">,
): SearchEngine["suggest"] {
  return async (prefix, size) => {
    const asking = withTimeout(store.popularQueries(fold(prefix).trim(), size), popularTimeoutMs);
    const [popular, found] = await Promise.all([asking.catch(() => []), engine.suggest(prefix, size)]);
    return { ...found, queries: [...new Set([...popular, ...found.queries])].slice(0, size) };
  };
}
