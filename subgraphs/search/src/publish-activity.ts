import { randomUUID } from "node:crypto";
import { event, seal, subjectOf, type EventData, type NewEvent } from "@shop/events";
import type { Bus, Logger } from "@shop/service";

const tellEveryMs = 1_000;
const maxPerEvent = 500;
const maxBuffered = 20_000;
const maxQueryLength = 200;

export type Searched = EventData<"ProductsSearched">["searches"][number];
export type Viewed = EventData<"ProductsViewed">["views"][number];

/** Where searches and views are noted; nobody waits for it, and it never fails. */
export type ActivityPublisher = AsyncDisposable & {
  searched(search: Omit<Searched, "at">): void;
  viewed(view: Omit<Viewed, "at">): void;
};

/** Publishes what is noted in batches, once a second. While NATS is away the newest are kept, up to a bound. */
export function publishActivity(bus: Pick<Bus, "js" | "isUp">, log: Pick<Logger, "warn">): ActivityPublisher {
  const teller = randomUUID();
  let told = 0;
  let searches: Searched[] = [];
  let views: Viewed[] = [];

  const publish = async (fresh: NewEvent) => {
    const sealed = seal(fresh, new Date());
    await bus.js.publish(subjectOf(sealed), JSON.stringify(sealed), { msgID: sealed.id, timeout: 2_000 });
  };
  const tell = async () => {
    while (searches.length > 0 && bus.isUp()) {
      const some = searches.slice(0, maxPerEvent);
      await publish(event("ProductsSearched", { ...of(teller, ++told), data: { searches: some } }));
      searches = searches.slice(some.length);
    }
    while (views.length > 0 && bus.isUp()) {
      const some = views.slice(0, maxPerEvent);
      await publish(event("ProductsViewed", { ...of(teller, ++told), data: { views: some } }));
      views = views.slice(some.length);
    }
  };
  let telling: Promise<void> | undefined;
  const tellAll = (): Promise<void> => {
    telling ??= tell()
      .catch((error: unknown) =>
        log.warn({ err: error }, "searches and views can't be told now; kept for later"),
      )
      .finally(() => (telling = undefined));
    return telling;
  };
  const timer = setInterval(() => void tellAll(), tellEveryMs);
  timer.unref();

  return {
    searched(search) {
      if (searches.length >= maxBuffered) searches = searches.slice(maxBuffered / 2);
      const query = search.query.slice(0, maxQueryLength).toWellFormed();
      searches.push({ ...search, query, at: new Date().toISOString() });
    },
    viewed(view) {
      if (views.length >= maxBuffered) views = views.slice(maxBuffered / 2);
      const query = view.query?.slice(0, maxQueryLength).toWellFormed() ?? null;
      views.push({ ...view, query, at: new Date().toISOString() });
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await tellAll();
    },
  };
}

function of(aggregateId: string, version: number) {
  return { aggregateId, version };
}
