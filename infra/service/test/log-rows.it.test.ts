import { readFile } from "node:fs/promises";
import { testStores } from "@shop/testkit";
import { expect, test } from "vitest";
import { connect } from "../src/postgres/connect.ts";

const migration = (file: string) => readFile(new URL(`../migrations/${file}`, import.meta.url), "utf8");

test("the log of an earlier release is kept event by event, and what it was publishing again begins anew", async () => {
  await using stores = await testStores();
  const pool = connect(await stores.databaseUrl("log_rows"), { service: "shipping", max: 1 });
  await pool.unsafe(await migration("001-baseline.sql"));
  await pool`
    insert into outbox_log (event_id, chain, subject, body, stream_seq, published_at)
    select id, 'ord_' || n, 'evt.shipping.' || n % 16 || '.X', json_build_object('id', id, 'sagaId', 'ord_' || n), nullif(n, 7), now() - interval '1 day'
    from (select n, gen_random_uuid() as id from generate_series(1, 250) n) logged`;
  await pool`
    insert into relay_position (stream_created, acked_seq, republishing) values ('now', 250, '{"kind": "from", "seq": 9, "after": 8, "upTo": 250}')`;
  const before =
    await pool`select event_id, chain, subject, body, stream_seq, published_at from outbox_log order by published_no`;
  await pool.unsafe(await migration("002-log-rows.sql"));
  const after = await pool`
    select event_id, chain, subject, body, nullif(stream_seq, 0) as stream_seq, published_at from published_events order by no, place`;
  expect([...after]).toEqual([...before]);
  const rows = await pool`select cardinality(bodies) as events from outbox_log order by no`;
  expect(rows.map(({ events }) => events as number)).toEqual([100, 100, 50]);
  const [position] = await pool`select republishing from relay_position`;
  expect(position?.["republishing"]).toEqual({ kind: "all", after: 0, upTo: 3 });
  await pool.end();
});
