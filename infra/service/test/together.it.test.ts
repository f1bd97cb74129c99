import { event, parseEvent, seal, type ShopEvent } from "@shop/events";
import { done, openPostgres, parked } from "@shop/service";
import { testStores } from "@shop/testkit";
import { expect, test } from "vitest";
import { handleTogether } from "../src/handle.ts";
import { migrate } from "../src/migrate.ts";

const cancelled = (orderId: string): ShopEvent => {
  const data = { orderId, reason: "", by: "SYSTEM" as const };
  const fresh = event("OrderCancelled", { aggregateId: orderId, version: 1, sagaId: orderId, data });
  return parseEvent(JSON.stringify(seal(fresh, new Date())));
};

test("of several events of which one can't be handled, none leaves anything behind", async () => {
  await using stores = await testStores();
  await using pg = openPostgres(await stores.databaseUrl("together"), { service: "shipping" });
  await migrate(pg.sql, new URL("./fixture/migrations/", import.meta.url));
  for (let trial = 0; trial < 50; trial++) {
    const handling = handleTogether(
      pg,
      {
        OrderCancelled: async (tx, { data: { orderId } }) => {
          if (orderId === "ord_bad") {
            for (let step = 0; step < trial % 7; step++) await tx.sql`select 1`;
            return parked("NEVER");
          }
          // Goes on with each answer, also with one that comes while the transaction is rolled back under it.
          for (let step = 0; step < 20; step++) {
            await tx.sql`insert into notes (id, body) values (${orderId + step}, '')`;
          }
          return done();
        },
      },
      ["ord_bad", "ord_one", "ord_two"].map(cancelled),
    );
    await expect(handling).rejects.toThrow("rolled back on purpose");
    expect(await pg.sql`select id from notes`).toEqual([]);
  }
});
