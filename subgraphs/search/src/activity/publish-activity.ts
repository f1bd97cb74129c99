import { randomUUID } from "node:crypto";
import { event, seal, subjectOf, type EventData, type ShopEvent } from "@shop/events";
import { pollLoop, type Bus, type Logger } from "@shop/service";
import type { SearchEngine } from "../engine/engine.ts";

const publishEveryMs = 1_000;
const maxPerEvent = 500;
const maxBuffered = 20_000;
const maxQueryLength = 200;

export type Searched = EventData<"ProductsSearched">["searches"][number];
export type Viewed = EventData<"ProductsViewed">["views"][number];

/** Buffers searches and views for the next batch. Recording neither waits nor fails. */
export type ActivityPublisher = AsyncDisposable & {
  recordSearch(search: Omit<Searched, "at">): void;
  recordView(view: Omit<Viewed, "at">): void;
};

type Deps = {
  bus: Pick<Bus, "js" | "isUp">;
  log: Pick<Logger, "warn">;
  engine: Pick<SearchEngine, "kindsOf">;
};

/**
 * Publishes buffered searches and views in batches, once a second. Views of unknown products are dropped: a customer could invent
 * some without end. While NATS or the engine is away the newest stay buffered, up to a bound.
 */
export function publishActivity({ bus, log, engine }: Deps): ActivityPublisher {
  const aggregateId = randomUUID();
  let version = 0;
  let searches: Searched[] = [];
  let views: Viewed[] = [];
  // Published again under the same id until JetStream has it, so that it counts once.
  let unpublished: ShopEvent | undefined;

  const nextEvent = async (): Promise<ShopEvent | undefined> => {
    const about = { aggregateId, version: version + 1 };
    const some = searches.splice(0, maxPerEvent);
    if (some.length > 0)
      return seal(event("ProductsSearched", { ...about, data: { searches: some } }), new Date());
    while (views.length > 0) {
      const ids = new Set(views.slice(0, maxPerEvent).map(({ productId }) => productId));
      const kinds = await engine.kindsOf([...ids]);
      const known = views.splice(0, maxPerEvent).filter(({ productId }) => kinds.has(productId));
      if (known.length > 0)
        return seal(event("ProductsViewed", { ...about, data: { views: known } }), new Date());
    }
    return undefined;
  };
  const publishBuffered = async () => {
    while (bus.isUp()) {
      unpublished ??= await nextEvent();
      if (!unpublished) return;
      const { id, aggregate } = unpublished;
      await bus.js.publish(subjectOf(unpublished), JSON.stringify(unpublished), {
        msgID: id,
        timeout: 2_000,
      });
      version = aggregate.version;
      unpublished = undefined;
    }
  };
  const onError = (error: unknown) =>
    log.warn({ err: error }, "searches and views can't be published now; they stay buffered");
  const timing = { everyMs: publishEveryMs, firstAfterMs: publishEveryMs };
  const publishing = pollLoop({ ...timing, onError }, publishBuffered);

  return {
    recordSearch(search) {
      if (searches.length >= maxBuffered) searches = searches.slice(maxBuffered / 2);
      const query = search.query.slice(0, maxQueryLength).toWellFormed();
      searches.push({ ...search, query, at: new Date().toISOString() });
    },
    recordView(view) {
      if (views.length >= maxBuffered) views = views.slice(maxBuffered / 2);
      const query = view.query?.slice(0, maxQueryLength).toWellFormed() ?? null;
      views.push({ ...view, query, at: new Date().toISOString() });
    },
    async [Symbol.asyncDispose]() {
      await publishing[Symbol.asyncDispose]();
      await publishBuffered().catch(onError);
    },
  };
}
