import { randomUUID } from "node:crypto";
import { eventually, startTestService, testStores, type TestService, type TestStores } from "@shop/testkit";
import { openBus, openLog } from "@shop/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { outboxBatches } from "../src/messaging/outbox-batches.ts";
import { readPosition } from "../src/messaging/stream-loss.ts";
import type { ShopSql } from "../src/postgres/transaction.ts";
import { connect } from "../src/postgres/connect.ts";
import { failed, notesService } from "./fixture/notes-service.ts";

let stores: TestStores;
beforeAll(async () => {
  stores = await testStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

const start = (databaseUrl?: string) =>
  startTestService(notesService({ failures: 0, ran: [], batches: [] }), {
    stores,
    ...(databaseUrl && { databaseUrl }),
  });

async function lastPlace(service: TestService): Promise<number> {
  const { streams } = await service.kit.bus.nc.jetstreamManager();
  return (await streams.info("SHOP")).state.last_seq;
}

/** Every transaction that writes what the relay keeps, after the first few, fails, as when its process has died. */
const dieAfterWrites = (writes: number) => `
  create table writes (id xid8 primary key);
  create function die() returns trigger language plpgsql as $$ begin
    insert into writes values (pg_current_xact_id()) on conflict do nothing;
    if (select count(*) from writes) > ${writes} then raise 'died'; end if;
    return null;
  end $$;
  create trigger die after insert or update on relay_position execute function die();
  create trigger die after insert on outbox_log execute function die();`;

test.each([0, 1])(
  "a relay that dies %i writes after it published into a stream that went back leaves all that was lost to its successor",
  async (writes) => {
    await using service = await start();
    const { databaseUrl } = service;
    await service.kit.pg.transact((tx) => Promise.resolve(tx.publish(failed("ord_held"))));
    await eventually(async () => (await service.kit.pg.sql`select 1 from published_events`).length === 1);
    const place = await lastPlace(service);
    await service.stop();

    // Two more were acknowledged, and the stream has lost them.
    const pool = connect(databaseUrl, { service: "shipping", max: 1 });
    const lost = [`ord_lost1_${writes}`, `ord_lost2_${writes}`];
    for (const [n, order] of lost.entries()) await log(pool, order, place + 1 + n);
    await pool`update relay_position set acked_seq = ${place + 2}`;
    const position = await readPosition(pool);
    if (!position) throw new Error("expected a position");
    await pool`
      insert into outbox (event_id, chain, subject, body)
      select ${randomUUID()}, 'new', subject, replace(body, 'ord_held', 'ord_new') from published_events limit 1`;
    await pool.unsafe(dieAfterWrites(writes));
    await using bus = await openBus({
      url: stores.natsUrl,
      service: "shipping",
      identityKey: "",
      calleeKeys: {},
      log: openLog("relay", "silent"),
    });
    const batches = outboxBatches();
    const published = batches.publishNext(pool, bus.nc, position, { isPolling: true });
    await expect(published.then(() => batches.clear(pool))).rejects.toThrow("died");
    await pool.unsafe("drop trigger die on relay_position; drop trigger die on outbox_log");
    await pool.end();

    await using successor = await start(databaseUrl);
    const isBack = (order: string) =>
      successor.events("ShipmentFailed").some(({ data }) => data.orderId === order);
    await eventually(() => lost.every(isBack), "what was lost was not published again");
  },
);

/** Writes an event into the log, in this place of the stream. */
async function log(pool: ShopSql, order: string, place: number): Promise<void> {
  await pool`
    insert into outbox_log (stream_seqs, lowest_seq, highest_seq, subjects, bodies)
    select array[${place}::bigint], ${place}, ${place}, array[subject],
      array[replace(replace(body, event_id::text, ${randomUUID()}), 'ord_held', ${order})]
    from published_events limit 1`;
}
