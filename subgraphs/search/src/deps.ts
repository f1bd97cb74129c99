import { pollLoop, type Kit } from "@shop/service";
import { activityStore } from "./activity/activity-store.ts";
import { preferencesOf } from "./activity/preferences.ts";
import { publishActivity } from "./activity/publish-activity.ts";
import { cachedPreferences } from "./cache/preference-cache.ts";
import { redisResultStore } from "./cache/redis-result-store.ts";
import { cachedSearch } from "./cache/result-cache.ts";
import { cachedSuggestions } from "./cache/suggestion-cache.ts";
import { openEngine, type EngineSettings } from "./engine/open-engine.ts";
import { indexPopularity } from "./indexing/index-popularity.ts";
import { maintainIndex } from "./indexing/rebuild-index.ts";

const cleanUpEveryMs = 3_600_000;

/** What the graph, the events and the workers of search are wired with. */
export async function openDeps({ bus, config, log, pg, redis }: Kit<EngineSettings>) {
  const engine = await openEngine(config, log);
  const store = activityStore(pg);
  const activity = publishActivity({ bus, log, engine });
  const cached = cachedSearch(engine, redisResultStore(redis, log));
  const maintainer = maintainIndex({ engine, store, bus, log });
  const onError = (error: unknown) => log.warn({ err: error }, "rare queries can't be deleted yet");
  const cleaning = pollLoop({ everyMs: cleanUpEveryMs, onError }, () => store.deleteRareQueries());
  return {
    engine,
    store,
    activity,
    maintainer,
    search: cached.search,
    suggest: cachedSuggestions(engine, store),
    preferencesOf: cachedPreferences(preferencesOf(store, engine)),
    currency: config.SHOP_CURRENCY,
    // Stopped in reverse order.
    workers: [engine, activity, cached, maintainer, indexPopularity({ store, engine, log }), cleaning],
  };
}
