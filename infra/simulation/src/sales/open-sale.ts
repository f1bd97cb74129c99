import { event as newEvent, type NewEvent } from "@shop/events";
import * as inventory from "@shop/inventory/reference-model";
import type { Decisions } from "../decisions.ts";
import type { Random } from "../random.ts";
import { openSaleMonitor } from "./sale-monitor.ts";

/** A flash sale beside a shop's ordinary stock: its messages, and the orders that its tickets went into. */
export type Sale = ReturnType<typeof openSale>;

export const saleSku = "PHONE";
const warehouses = [
  { code: "EU", country: "DE" },
  { code: "US", country: "US" },
];
export const graceMs = 3_000;
const startsAt = Date.UTC(2026, 0, 1);

/** A sale of one to four units, in one line or two, with a short line or a long one. */
export function openSale(random: Random, decisions: Decisions) {
  const units = Array.from({ length: 1 + random.below(4) }, () => random.oneOf(warehouses).code);
  const plan: inventory.SalePlan = {
    ...{ startsAt, endsAt: startsAt + 3_600_000, holdMs: 60_000, perCustomerLimit: 1 + random.below(2) },
    ...{ lineFactor: random.below(3), lineFloor: 1 + random.below(6) },
    ratio: random.is(0.5) ? { vip: 1 + random.below(2), standard: 1 + random.below(2) } : null,
  };
  let model = inventory.planSale(plan, units);
  /** The ticket of each order that was placed with one. */
  const ticketOf = new Map<string, string>();
  const monitor = openSaleMonitor();

  /** Applies a message; the ordinary stock has what is not set aside. */
  function change(stock: inventory.Model, message: inventory.SaleMessage, now: number) {
    const before = model;
    const { sale, answer } = decisions.sale(before, message, now);
    monitor.step(before, message, sale, now);
    model = sale;
    let next = stock;
    for (const [at, { warehouseCode, status }] of sale.units.entries()) {
      const units = Number(before.units[at]?.status === "SET_ASIDE") - Number(status === "SET_ASIDE");
      if (units !== 0) next = inventory.withPlace(next, saleSku, warehouseCode, moved(units));
    }
    if (next === stock) return { model: stock, events: [] as NewEvent[], answer };
    const { model: raised, stock: states } = inventory.raiseVersions(next, [saleSku]);
    const events = states.map((data) => stockChanged(data));
    return { model: raised, events, answer };
  }

  /** As inventory's handlers do: reservation and ticket in one transaction. */
  function handle(stock: inventory.Model, event: inventory.OrderEvent, now: number): inventory.Decision {
    const { orderId } = event.data;
    const before = stock.reservations.get(orderId)?.status;
    switch (event.type) {
      case "OrderInitiated":
      case "StockRequested": {
        // A repeated event, and one after the end, gets its answer without the sale.
        if (before !== undefined) return decisions.inventory(stock, event);
        const ticketId = ticketOf.get(orderId) ?? "";
        const held = change(stock, { type: "Order", ticketId, orderId }, now);
        if (held.answer !== "ORDERED") {
          // The ordinary stock is no stock of an order with a ticket.
          const step = decisions.inventory({ ...stock, items: new Map() }, event);
          return { ...step, model: { ...step.model, items: stock.items } };
        }
        const unit = model.units.find((one) => one.ticketId === ticketId && one.status === "ORDERED");
        const from = warehouses.filter(({ code }) => code === unit?.warehouseCode);
        const step = decisions.inventory({ ...held.model, warehouses: from }, event);
        const reserved = { ...step.model, warehouses: stock.warehouses };
        return { ...step, model: reserved, events: [...held.events, ...step.events.map(mayBeHeld)] };
      }
      case "OrderConfirmed": {
        const step = decisions.inventory(stock, event);
        return then(step, change(step.model, { type: "Confirm", orderId }, now));
      }
      case "StockYielded":
        return { model: stock, events: [], outcome: "ignored", reason: "A_HOLD_IS_NOT_YIELDED" };
      default: {
        const step = decisions.inventory(stock, event);
        const isLeft = event.type === "OrderCancelled" && event.data.by === "CUSTOMER";
        const isGivenBack = before !== step.model.reservations.get(orderId)?.status && before !== undefined;
        if (!isGivenBack) return step;
        const final = isLeft ? "LEFT" : "EXPIRED";
        return then(step, change(step.model, { type: "EndOrder", orderId, final }, now));
      }
    }
  }

  return {
    sku: saleSku,
    stocked: withoutUnits(),
    found: monitor.found,
    units: units.length,
    model: () => model,
    isOf: (orderId: string) => ticketOf.has(orderId),
    ticketOf: (orderId: string) => ticketOf.get(orderId),
    /** An order is placed with a ticket. */
    note: (orderId: string, ticketId: string) => void ticketOf.set(orderId, ticketId),
    change,
    handle,
  };
}

/** An ordinary stock that has nothing of the sale's SKU, nor of any other. */
function withoutUnits(): inventory.Model {
  const item = { sku: saleSku, variantId: `var_${saleSku}`, productId: `prd_${saleSku}` };
  return inventory.emptyModel(warehouses, [item]);
}

function moved(units: number) {
  return (place: inventory.Place): inventory.Place => ({ ...place, onHand: place.onHand + units });
}

/** A hold is no unpaid order's, so no limit of those yields it. */
function mayBeHeld(event: NewEvent): NewEvent {
  return event.type === "InventoryReserved" ? { ...event, data: { ...event.data, mayBeHeld: true } } : event;
}

function stockChanged(data: Extract<NewEvent, { type: "StockChanged" }>["data"]): NewEvent {
  return newEvent("StockChanged", { aggregateId: data.sku, version: data.version, data });
}

function then(
  step: inventory.Decision,
  next: { model: inventory.Model; events: NewEvent[] },
): inventory.Decision {
  return { ...step, model: next.model, events: [...step.events, ...next.events] };
}
