import type { ShopStatus } from "@shop/stack";
import { connect, type ConsumerInfo } from "nats";
import type { Database, Databases, Owner, Violations } from "./read-shop.ts";

type PublishedEvent = { id: string; subject: string; cause: string | null };

/** I6, I7, I10 and I11: each published event has had its effect on its subscribers once, and no task is overdue. */
export async function checkEvents(databases: Databases, status: ShopStatus): Promise<Violations> {
  const each = Object.entries(databases) as [Owner, Database][];
  const published = (await Promise.all(each.map(([, sql]) => publishedBy(sql)))).flat();
  const ids = new Set(published.map(({ id }) => id));
  const consumers = await consumersOf(status);
  return [
    ...published
      .filter(({ cause }) => cause !== null && !ids.has(cause))
      .map(({ subject, id }) => `I11: ${subject} ${id} was caused by an event that no service has published`),
    ...consumers.flatMap(({ name, num_pending: pending, num_ack_pending: inHand }) =>
      pending + inHand > 0 ? [`I6: ${name} has not handled ${pending + inHand} events yet`] : [],
    ),
    ...(await Promise.all(each.map(([owner, sql]) => checkOne(owner, sql, published, consumers)))).flat(),
  ];
}

async function checkOne(owner: Owner, sql: Database, published: PublishedEvent[], consumers: ConsumerInfo[]) {
  const unpublished = await sql<{ subject: string }[]>`select subject from outbox`;
  const doubled = await sql<{ id: string }[]>`
    select event_id as id from published_events group by event_id having count(*) > 1`;
  const late = await sql<{ kind: string; error: string | null; attempts: number }[]>`
    select kind, error, attempts from tasks
    where greatest(run_at, coalesce(locked_until, run_at)) < now() - interval '30 seconds' or attempts > 20`;
  const deadLetters = await sql<
    { subject: string; reason: string }[]
  >`select subject, reason from dead_letters`;
  const handled = new Set(
    (
      await sql<{ id: string }[]>`select event_id as id from inbox union select event_id from dead_letters`
    ).map(({ id }) => id),
  );
  const subscribes = subscriptionOf(consumers.find(({ name }) => name === `${owner}-inbox`));
  const missed = published.filter(({ id, subject }) => subscribes(subject) && !handled.has(id));
  return [
    ...unpublished.map(({ subject }) => `I6: ${owner} has not published ${subject} yet`),
    ...missed.map(({ id, subject }) => `I6: ${subject} ${id} has had no effect on ${owner}`),
    ...deadLetters.map(
      ({ subject, reason }) => `I6: ${owner} has put ${subject} into dead_letters: ${reason}`,
    ),
    ...doubled.map(({ id }) => `I7: ${owner} has logged ${id} twice`),
    ...late.map(
      ({ kind, error, attempts }) => `I10: a task of ${owner} is overdue: ${kind}, try ${attempts}: ${error}`,
    ),
  ];
}

async function publishedBy(sql: Database): Promise<PublishedEvent[]> {
  return await sql<PublishedEvent[]>`
    select event_id::text as id, subject, body::jsonb ->> 'causationId' as cause from published_events
    union all select event_id::text, subject, body::jsonb ->> 'causationId' from outbox`;
}

/** JetStream's consumers of all services. */
export async function consumersOf(status: ShopStatus): Promise<ConsumerInfo[]> {
  const url = new URL(status.stores.nats);
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const connection = await connect({ servers: url.host, user, pass });
  try {
    const found: ConsumerInfo[] = [];
    for await (const one of (await connection.jetstreamManager()).consumers.list("SHOP")) found.push(one);
    return found;
  } finally {
    await connection.close();
  }
}

/** By the consumer's own filters. On a server before 2.10 one filter is for all types, so that none is taken as subscribed to. */
function subscriptionOf(consumer: ConsumerInfo | undefined): (subject: string) => boolean {
  const { filter_subject: one, filter_subjects: many } = consumer?.config ?? {};
  const wanted = new Set((many ?? (one === undefined || one === "evt.>" ? [] : [one])).map(withoutPartition));
  return (subject) => wanted.has(withoutPartition(subject));
}

function withoutPartition(subject: string): string {
  const [, producer, , type] = subject.split(".");
  return `${producer}.${type}`;
}
