import { randomUUID } from "node:crypto";
import { event, seal, subjectOf, type EventData, type NewEvent } from "@shop/events";
import { pollLoop, type Bus, type Logger } from "@shop/service";

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

/** Publishes buffered searches and views in batches, once a second. While NATS is away the newest stay buffered, up to a bound. */
export function publishActivity(bus: Pick<Bus, "js" | "isUp">, log: Pick<Logger, "warn">): ActivityPublisher {
  const publisherId = randomUUID();
  let version = 0;
  let searches: Searched[] = [];
  let views: Viewed[] = [];

  const publish = async (fresh: NewEvent) => {
    const sealed = seal(fresh, new Date());
    await bus.js.publish(subjectOf(sealed), JSON.stringify(sealed), { msgID: sealed.id, timeout: 2_000 });
  };
  const publishBuffered = async () => {
    while (searches.length > 0 && bus.isUp()) {
      const some = searches.slice(0, maxPerEvent);
      await publish(event("ProductsSearched", { ...of(publisherId, ++version), data: { searches: some } }));
      searches = searches.slice(some.length);
    }
    while (views.length > 0 && bus.isUp()) {
      const some = views.slice(0, maxPerEvent);
      await publish(event("ProductsViewed", { ...of(publisherId, ++version), data: { views: some } }));
      views = views.slice(some.length);
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

function of(aggregateId: string, version: number) {
  return { aggregateId, version };
}
