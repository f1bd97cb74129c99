import { useService } from "@shop/testkit";
import type { Outcome, Postgres, Tx } from "@shop/service";
import { beforeAll, expect, test } from "vitest";
import { defaultHoldRules } from "../src/domain/unpaid-unit-limits.ts";
import { handlers } from "../src/events.ts";
import inventory from "../src/main.ts";
import { adjustStock } from "../src/store/adjust-stock.ts";
import { enterFlashSale } from "../src/store/enter-flash-sale.ts";
import { meetDeadlines } from "../src/store/flash-sales.ts";
import { leaveFlashSale } from "../src/store/leave-flash-sale.ts";
import { createFlashSale, endFlashSale } from "../src/store/plan-flash-sale.ts";
import { upsertItems } from "../src/store/upsert-items.ts";
import { confirmed, ended, initiated, published } from "./builders.ts";
import { applyToSale, freeUnits, planSale, unitsSold, type SaleModel } from "./reference-model/index.ts";
import type { OrderEvent } from "./reference-model/model.ts";

const service = useService(inventory);
let pg: Postgres;
beforeAll(() => {
  ({ pg } = service.kit);
});

const graceMs = 3_000;
/** Holds end when a test moves them into the past: the database's clock is its own. */
const holdSeconds = 900;

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "SQL and the reference model of a sale agree on random histories (seed %d)",
  async (seed) => {
    const random = seeded(seed);
    const [saleId, sku] = [`sale_${seed}`, `flash${seed}`];
    const plan = {
      ...{ perCustomerLimit: 1 + random(2), lineFactor: random(2), lineFloor: random(8) },
      ratio: random(2) ? { vip: 1 + random(3), standard: 1 + random(2) } : null,
    };
    let model = await open(saleId, sku, 2 + random(4), plan);
    const customers = Array.from({ length: 12 }, (_, at) => `usr_${seed}_${at}`);
    const vips = new Set(customers.filter(() => random(3) === 0));
    for (const vip of vips)
      await pg.sql`insert into customer_tiers (customer_id, tier, version) values (${vip}, 'VIP', 2)`;
    /** Orders that ended before they reserved, or could not: a later OrderInitiated finds that, and reserves nothing. */
    const marked = new Set<string>();
    const ordered = new Set<string>();
    let tickets = 0;
    for (let step = 0; step < 150; step++) {
      const now = Date.now();
      const all = [...model.tickets.values()];
      const ticket = all[random(Math.max(1, all.length))];
      const kind = random(12);
      if (kind < 5 || !ticket) {
        const customerId = customers[random(customers.length)] ?? "";
        const ticketId = `tkt_${seed}_${++tickets}`;
        const after = applyToSale(
          model,
          { type: "Enter", customerId, ticketId, isVip: vips.has(customerId) },
          now,
        );
        expect(await enter(saleId, customerId, ticketId, `${seed}-${step}`)).toBe(after.answer);
        model = after.sale;
      } else if (kind === 5) {
        model = applyToSale(model, { type: "Leave", ticketId: ticket.id }, now).sale;
        await pg.transact((tx) => leaveFlashSale(tx, ticket.id, ticket.customerId));
      } else if (kind === 6) {
        if (ticket.status !== "HOLDING" || ticket.orderId !== null) continue;
        await pg.sql`update flash_tickets set hold_expires_at = now() - interval '10 seconds' where id = ${ticket.id}`;
        const late = { ...ticket, holdExpiresAt: now - 10_000 };
        const moved = { ...model, tickets: new Map(model.tickets).set(ticket.id, late) };
        model = applyToSale(moved, { type: "Deadlines", graceMs }, now).sale;
        await pg.transact((tx) => meetDeadlines(tx, graceMs / 1000, 100));
      } else if (kind === 11 && random(8) === 0) {
        model = applyToSale(model, { type: "Close" }, now).sale;
        await pg.transact((tx) => endFlashSale(tx, saleId));
      } else {
        const orderId = `ord_${ticket.id}`;
        if (kind < 9) {
          await handle(
            initiated(orderId, [{ sku, quantity: 1 }], "DE", false, { ticketId: ticket.id, lineId: "l1" }),
          );
          if (marked.has(orderId)) continue;
          const step = applyToSale(model, { type: "Order", ticketId: ticket.id, orderId }, now);
          model = step.sale;
          // Otherwise its reservation has failed for good.
          (step.answer === "ORDERED" ? ordered : marked).add(orderId);
        } else if (kind === 9) {
          if (!ordered.has(orderId)) continue;
          await handle(confirmed(orderId));
          model = applyToSale(model, { type: "Confirm", orderId }, now).sale;
        } else {
          const isLeft = random(2) === 0;
          await handle(ended(orderId, isLeft ? "OrderCancelled" : "OrderExpired"));
          if (!ordered.has(orderId)) marked.add(orderId);
          const final = isLeft ? "LEFT" : "EXPIRED";
          model = applyToSale(model, { type: "EndOrder", orderId, final }, now).sale;
        }
      }
      expect(await inSql(saleId)).toEqual(inModel(model));
    }
    expect(await pg.sql`select * from stock_discrepancies where sku = ${sku}`).toEqual([]);
    expect(await pg.sql`select * from flash_discrepancies`).toEqual([]);
  },
);

async function open(
  saleId: string,
  sku: string,
  units: number,
  plan: Pick<SaleModel, "perCustomerLimit" | "lineFactor" | "lineFloor" | "ratio">,
): Promise<SaleModel> {
  const inSeconds = (seconds: number) => new Date(Date.now() + 1000 * seconds);
  const [startsAt, endsAt] = [inSeconds(-5), inSeconds(3_600)];
  await pg.transact(async (tx) => {
    await upsertItems(tx, [published([sku], `prd_${sku}`).data.product]);
    await adjustStock(tx, "usr_staff", [
      { sku, warehouseCode: "BER", delta: units, reason: "sale", idempotencyKey: sku },
    ]);
  });
  const { ratio, ...limits } = plan;
  const planned = await pg.transact((tx) =>
    createFlashSale(tx, {
      ...{
        id: saleId,
        createdBy: "usr_staff",
        sku,
        price: { amount: 500, currency: "USD" },
        units,
        ...limits,
      },
      ...{ startsAt, endsAt, holdSeconds },
      ...{ outsideSale: "ORDINARY" as const, lineRatio: ratio },
    }),
  );
  expect(planned.refused).toBeUndefined();
  const moments = { startsAt: +startsAt, endsAt: +endsAt, holdMs: 1000 * holdSeconds };
  return planSale({ ...plan, ...moments }, Array<string>(units).fill("BER"));
}

/** The status of the customer's ticket, or why there is none. */
async function enter(saleId: string, customerId: string, ticketId: string, key: string): Promise<string> {
  const entered = await pg.transact((tx) =>
    enterFlashSale(tx, saleId, [{ customerId, ticketId, key, hash: "hash" }]),
  );
  const [answer] = entered?.answers ?? [];
  if (answer?.refused !== undefined) return answer.refused;
  const [row] = await pg.sql<{ status: string }[]>`
    select status from flash_tickets where id = ${answer?.ticketId ?? ""}`;
  return row?.status ?? "nothing";
}

async function handle(event: OrderEvent): Promise<void> {
  const changes = { note: () => undefined };
  const handler = handlers({ holdRules: defaultHoldRules, changes })[event.type] as (
    tx: Tx,
    event: OrderEvent,
  ) => Promise<Outcome>;
  await pg.transact((tx) => handler({ ...tx, publish: () => undefined }, event));
}

async function inSql(saleId: string) {
  const tickets = await pg.sql`
    select id, number, line, status, grant_number as "grantNumber", was_contested as "wasContested", unit,
      order_id as "orderId", returned_at is not null as "hasReturned"
    from flash_tickets where sale_id = ${saleId} order by number`;
  const units = await pg.sql`
    select unit, status, ticket_id as "ticketId" from flash_units where sale_id = ${saleId} order by unit`;
  const [sale] = await pg.sql`
    select units_free as free, units_sold as sold, waiting, last_number as "lastNumber", last_grant as "lastGrant",
      contested_grants as contested, closed_at is not null as "isClosed"
    from flash_sales where id = ${saleId}`;
  return { tickets: [...tickets], units: [...units], sale };
}

function inModel(sale: SaleModel): Awaited<ReturnType<typeof inSql>> {
  const tickets = [...sale.tickets.values()].map(
    ({ customerId: _customer, holdExpiresAt: _end, ...ticket }) => ticket,
  );
  return {
    tickets,
    units: sale.units.map(({ warehouseCode: _code, ...unit }) => unit),
    sale: {
      ...{ free: freeUnits(sale).length, sold: unitsSold(sale) },
      waiting: tickets.filter(({ status }) => status === "WAITING").length,
      ...{ lastNumber: sale.lastNumber, lastGrant: sale.lastGrant, contested: sale.contestedGrants },
      isClosed: sale.isClosed,
    },
  };
}

/** Whole numbers from 0 to below `below`, the same for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return (state >>> 8) % below;
  };
}
