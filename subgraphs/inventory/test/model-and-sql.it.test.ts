import { tableDrift, useService } from "@shop/testkit";
import type { NewEvent } from "@shop/events";
import type { Outcome, Postgres, Tx } from "@shop/service";
import { beforeAll, expect, test } from "vitest";
import { adjust } from "./reference-model/adjust.ts";
import { apply } from "./reference-model/apply.ts";
import { emptyModel, levelOf, type Model, type OrderEvent, type Decision } from "./reference-model/model.ts";
import { stockChanged } from "../src/domain/events.ts";
import { defaultHoldRules } from "../src/domain/unpaid-unit-limits.ts";
import { handlers } from "../src/events.ts";
import inventory from "../src/main.ts";
import { adjustStock as adjustInSql } from "../src/store/adjust-stock.ts";
import { upsertItems } from "../src/store/upsert-items.ts";
import * as tables from "../src/tables.ts";
import { ended, confirmed, initiated, published, stockRequested, stockYielded } from "./builders.ts";

const service = useService(inventory);
let pg: Postgres;
beforeAll(() => {
  ({ pg } = service.kit);
});

const warehouses = [
  { code: "BER", country: "DE" },
  { code: "RNO", country: "US" },
];

test("tables.ts describes the migrated database", async () => {
  expect(await tableDrift(pg.sql, tables)).toEqual([]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "SQL and the reference model agree on random histories (seed %d)",
  async (seed) => {
    const random = seeded(seed);
    const skus = ["a", "b", "c"].map((name) => `${name}${seed}`);
    await pg.transact((tx) => upsertItems(tx, [published(skus, `prd_${seed}`).data.product]));
    let model = emptyModel(
      warehouses,
      skus.map((sku) => ({ sku, variantId: `var_${sku}`, productId: `prd_${seed}` })),
    );
    const orders = Array.from({ length: 60 }, (_, at) => `ord_${seed}_${at}`);
    for (let step = 0; step < 200; step++) {
      if (random(4) === 0) {
        const input = {
          sku: random(20) === 0 ? "nothing" : pick(skus, random),
          warehouseCode: random(20) === 0 ? "XXX" : pick(warehouses, random).code,
          delta: random(16) - 4,
        };
        if (input.delta === 0) continue;
        const expected = adjust(model, input);
        expect(await adjustAsStaff({ ...input, key: `${seed}-${step}` })).toEqual(shown(expected));
        model = expected.model;
      } else {
        const event = pickEvent(pick(orders, random), skus, random);
        const expected = apply(model, event);
        expect(await handle(event)).toEqual(shown(expected));
        model = expected.model;
      }
      expect(await stockInSql(skus)).toEqual(stockIn(model));
      expect(await heldInSql(skus)).toEqual(skus.map((sku) => ({ sku, ...levelOf(model, sku) })));
    }
    expect(await reservationsInSql(seed)).toEqual(reservationsIn(model));
    expect(await pg.sql`select * from stock_discrepancies`).toEqual([]);
  },
);

function pickEvent(orderId: string, skus: string[], random: (below: number) => number): OrderEvent {
  const kind = random(13);
  const wanted = Array.from({ length: 1 + random(3) }, () => ({
    sku: random(15) === 0 ? "nothing" : pick(skus, random),
    quantity: 1 + random(4),
  }));
  if (kind < 5) return initiated(orderId, wanted, pick(["DE", "US", "FR"], random), random(2) === 0);
  if (kind > 10) return stockRequested(orderId, wanted, 2 + random(2));
  if (kind > 9) return stockYielded(orderId, 1 + random(3));
  if (kind < 7) return confirmed(orderId);
  const endings = ["OrderCancelled", "OrderExpired", "OrderRejected", "OrderConfirmationFailed"] as const;
  return ended(orderId, pick(endings, random));
}

type Shown = { outcome: string; reason?: string | undefined; events: NewEvent[] };
const shown = ({ outcome, reason, events }: Decision): Shown => ({ outcome, reason, events });

async function handle(event: OrderEvent): Promise<Shown> {
  const events: NewEvent[] = [];
  const handler = handlers({ holdRules: defaultHoldRules, changes: { note: () => undefined } })[
    event.type
  ] as (tx: Tx, event: OrderEvent) => Promise<Outcome>;
  const outcome = await pg.transact((tx) =>
    handler({ ...tx, publish: (...more) => void events.push(...more) }, event),
  );
  return { outcome: outcome.outcome, reason: "reason" in outcome ? outcome.reason : undefined, events };
}

async function adjustAsStaff(input: {
  sku: string;
  warehouseCode: string;
  delta: number;
  key: string;
}): Promise<Shown> {
  const { key: idempotencyKey, ...rest } = input;
  const { results, stock } = await pg.transact((tx) =>
    adjustInSql(tx, "usr_staff", [{ ...rest, reason: "count", idempotencyKey }]),
  );
  const [result] = results;
  const isDone = result === "adjusted";
  return {
    outcome: isDone ? "done" : "ignored",
    reason: isDone ? undefined : result,
    events: stockChanged(stock),
  };
}

async function stockInSql(skus: string[]) {
  const rows = await pg.sql`
    select sku, version, warehouse_code as code, on_hand as "onHand", reserved, sold
    from stock join items using (sku) where sku = any (${skus}) order by sku, warehouse_code`;
  return [...rows];
}

function stockIn({ items }: Model) {
  return [...items.values()].flatMap(({ sku, version, places }) =>
    [...places].map(([code, place]) => ({ sku, version, code, ...place })),
  );
}

async function heldInSql(skus: string[]) {
  const rows = await pg.sql`
    select sku, sum(on_hand - reserved)::int as free, sum(unpaid)::int as unpaid, sum(keepable)::int as keepable
    from stock where sku = any (${skus}) group by sku order by sku`;
  return [...rows];
}

async function reservationsInSql(seed: number) {
  const rows = await pg.sql`
    select order_id as "orderId", status, version from reservations
    where order_id like ${`ord\\_${seed}\\_%`} order by order_id`;
  return [...rows];
}

function reservationsIn({ reservations }: Model) {
  return [...reservations]
    .map(([orderId, { status, version }]) => ({ orderId, status, version }))
    .toSorted((one, other) => (one.orderId < other.orderId ? -1 : 1));
}

function pick<T>(from: readonly T[], random: (below: number) => number): T {
  return from[random(from.length)] as T;
}

/** Whole numbers from 0 to below `below`, the same for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return (state >>> 8) % below;
  };
}
