import { randomUUID } from "node:crypto";
import { testStores, type TestStores } from "@shop/testkit";
import type { NatsConnection } from "nats";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { outboxBatches } from "../src/messaging/outbox-batches.ts";
import { connect } from "../src/postgres/connect.ts";
import { migrate } from "../src/postgres/migrate.ts";
import type { OutboxRow, ShopSql } from "../src/postgres/transaction.ts";

let stores: TestStores;
let pool: ShopSql;
beforeAll(async () => {
  stores = await testStores();
  pool = connect(await stores.databaseUrl("batches"), { service: "shipping", max: 1 });
  await migrate(pool, new URL("./fixture/migrations/", import.meta.url));
});
afterAll(async () => {
  await pool.end();
  await stores[Symbol.asyncDispose]();
});
beforeEach(() => pool`truncate outbox, outbox_log`);

/** Commits an event of the one chain, as any instance may. */
async function commit(): Promise<OutboxRow> {
  const [row] = await pool<OutboxRow[]>`
    insert into outbox (event_id, chain, subject, body) values (${randomUUID()}, 'chain', 'evt.shipping.0.X', '{}')
    returning seq as no, event_id, chain, subject, body`;
  if (!row) throw new Error("expected a row");
  return row;
}

/** A stream that acknowledges what it gets, and the ids in the order in which they came. */
function stream() {
  const ids: string[] = [];
  const publish = (_subject: string, _body: string, { msgID }: { msgID: string }) => {
    ids.push(msgID);
    return Promise.resolve({ seq: ids.length, duplicate: false });
  };
  return { ids, nc: { jetstream: () => ({ publish }) } as unknown as NatsConnection };
}

const start = { created: "now", ackedSeq: 0, deleted: 0, again: undefined };

function given() {
  const batches = outboxBatches();
  const { ids, nc } = stream();
  let position: Parameters<typeof batches.publishNext>[2] = start;
  const publish = async (isPolling = false) => {
    const done = await batches.publishNext(pool, nc, position, { isPolling });
    position = done.position;
  };
  return { batches, ids, publish };
}

test("events that were committed before the relay caught up go before what is handed over", async () => {
  const { batches, ids, publish } = given();
  const first = await commit();
  const second = await commit();
  batches.hand([second]);
  await publish();
  expect(ids).toEqual([first.event_id, second.event_id]);
});

test("an event of another instance goes before a later one that is handed over here", async () => {
  const { batches, ids, publish } = given();
  batches.hand([await commit()]);
  await publish();
  const others = await commit();
  const own = await commit();
  batches.hand([own]);
  await publish();
  expect(ids.slice(1)).toEqual([others.event_id, own.event_id]);
});

test("what was handed over is published without a read, once, and cleared", async () => {
  const { batches, ids, publish } = given();
  await publish(true);
  const rows = [await commit(), await commit()];
  batches.hand(rows);
  await publish();
  await publish(true);
  await batches.clear(pool);
  await publish(true);
  expect(ids).toEqual(rows.map((row) => row.event_id));
  expect(await pool`select 1 from outbox`).toHaveLength(0);
  expect(await pool`select 1 from published_events`).toHaveLength(2);
});

test("what a poll has published before its commit hands it over is published once", async () => {
  const { batches, ids, publish } = given();
  const row = await commit();
  await publish(true);
  batches.hand([row]);
  await publish();
  await batches.clear(pool);
  batches.hand([row]);
  await publish();
  expect(ids).toEqual([row.event_id]);
});

test("more than may wait in memory is read from the outbox, in order", async () => {
  const { batches, ids, publish } = given();
  await publish(true);
  const rows: OutboxRow[] = await pool`
    insert into outbox (event_id, chain, subject, body)
    select gen_random_uuid(), 'chain', 'evt.shipping.0.X', '{}' from generate_series(1, 2100)
    returning seq as no, event_id, chain, subject, body`;
  for (const row of rows) batches.hand([row]);
  for (let turns = 0; turns < 10; turns++) await publish();
  expect(ids).toEqual(rows.toSorted((one, other) => one.no - other.no).map((row) => row.event_id));
});

test("what is cleared at once lies in few rows of the log, each event under its id, in order, at its place in the stream", async () => {
  const { batches, ids, publish } = given();
  await pool`
    insert into outbox (event_id, chain, subject, body)
    select id, 'chain', 'evt.shipping.0.X', json_build_object('id', id, 'sagaId', 'chain')
    from (select gen_random_uuid() as id from generate_series(1, 250)) fresh`;
  await publish(true);
  await batches.clear(pool);
  const logged = await pool<{ id: string; at: number; chain: string }[]>`
    select event_id as id, stream_seq as at, chain from published_events order by no, place`;
  expect(logged).toEqual(ids.map((id, at) => ({ id, at: at + 1, chain: "chain" })));
  const rows = await pool<{ events: number; low: number; high: number }[]>`
    select cardinality(bodies) as events, lowest_seq as low, highest_seq as high from outbox_log order by no`;
  expect(rows).toEqual([
    { events: 100, low: 1, high: 100 },
    { events: 100, low: 101, high: 200 },
    { events: 50, low: 201, high: 250 },
  ]);
});
