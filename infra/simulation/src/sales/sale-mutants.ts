import type { SaleMessage, SaleModel, SaleStep, SaleTicket } from "@shop/inventory/reference-model";
import type { Decisions } from "../decisions.ts";

type Apply = Decisions["sale"];

/** A mistake in a sale's decisions that the simulation must find. */
export type SaleMutant = { name: string; mutate: (ours: Decisions) => Decisions };

const sale = (name: string, wrap: (apply: Apply) => Apply): SaleMutant => ({
  name: `a sale ${name}`,
  mutate: (ours) => ({ ...ours, sale: wrap(ours.sale) }),
});

/** A message that is not handled. */
const forgotten = (name: string, isIt: (message: SaleMessage) => boolean): SaleMutant =>
  sale(
    name,
    (apply) => (model, message, now) =>
      isIt(message) ? { sale: model, answer: "FORGOTTEN" } : apply(model, message, now),
  );

/** The step of a model in which something is otherwise, with that put right again. */
const asIf =
  (change: (model: SaleModel) => Partial<SaleModel>, isIt?: (message: SaleMessage) => boolean) =>
  (apply: Apply): Apply =>
  (model, message, now) => {
    if (isIt && !isIt(message)) return apply(model, message, now);
    const changed = change(model);
    const kept = Object.fromEntries(Object.keys(changed).map((key) => [key, model[key as keyof SaleModel]]));
    const step = apply({ ...model, ...changed }, message, now);
    return { ...step, sale: { ...step.sale, ...kept } };
  };

const withTickets = (model: SaleModel, change: (ticket: SaleTicket) => SaleTicket): SaleModel => ({
  ...model,
  tickets: new Map([...model.tickets].map(([id, ticket]) => [id, change(ticket)])),
});

const isEnter = ({ type }: SaleMessage) => type === "Enter";

export const saleMutants: readonly SaleMutant[] = [
  sale("serves the last in line first", (apply) => (model, message, now) => {
    if (message.type === "Enter") return apply(model, message, now);
    const reversed = new Map([...model.tickets].reverse());
    const { sale: after, answer } = apply({ ...model, tickets: reversed }, message, now);
    const inOrder = [...after.tickets].sort(([, one], [, other]) => one.number - other.number);
    return { sale: { ...after, tickets: new Map(inOrder) }, answer };
  }),
  sale(
    "serves VIPs alone while both lines wait",
    (apply) => (model, message, now) =>
      asIf(({ ratio }) => ({ ratio: ratio && { ...ratio, standard: 0 } }))(apply)(model, message, now),
  ),
  sale("gives no unit that comes back to the next in line", (apply) => (model, message, now) => {
    const step = apply(model, message, now);
    if (message.type === "Enter") return step;
    return { ...step, sale: withoutGrants(model, step) };
  }),
  sale(
    "gives a unit to one who enters, although others wait",
    asIf(
      ({ units }) => ({
        units: units.map((one) => ({ ...one, ticketId: null, status: "SET_ASIDE" as const })),
      }),
      isEnter,
    ),
  ),
  forgotten("never ends a hold that ran out", ({ type }) => type === "Deadlines"),
  sale("ends holds that are an order's", (apply) => (model, message, now) => {
    if (message.type !== "Deadlines") return apply(model, message, now);
    return apply(
      withTickets(model, (ticket) => ({ ...ticket, orderId: null })),
      message,
      now,
    );
  }),
  sale(
    "lets one hold go into two orders",
    (apply) => (model, message, now) =>
      message.type === "Order"
        ? apply(
            withTickets(model, (ticket) => ({ ...ticket, orderId: null })),
            message,
            now,
          )
        : apply(model, message, now),
  ),
  sale("lets a ticket without a hold go into an order", (apply) => (model, message, now) => {
    if (message.type !== "Order") return apply(model, message, now);
    const ended = (ticket: SaleTicket): SaleTicket =>
      ticket.unit !== null && ticket.status !== "BOUGHT" ? { ...ticket, status: "HOLDING" } : ticket;
    return apply(withTickets(model, ended), message, now);
  }),
  forgotten("keeps the unit of a cancelled order", (message) => message.type === "EndOrder"),
  forgotten("never notes that a ticket's order is confirmed", ({ type }) => type === "Confirm"),
  sale("says nothing to the line when the last unit is sold", (apply) => (model, message, now) => {
    const step = apply(model, message, now);
    return message.type === "Confirm" ? { ...step, sale: stillWaiting(model, step.sale) } : step;
  }),
  sale("says nothing to the line at its end", (apply) => (model, message, now) => {
    const step = apply(model, message, now);
    return message.type === "Deadlines" ? { ...step, sale: stillWaiting(model, step.sale) } : step;
  }),
  sale("keeps its free units when it ends", (apply) => (model, message, now) => {
    const step = apply(model, message, now);
    if (!step.sale.isClosed || model.isClosed) return step;
    const units = step.sale.units.map((one) =>
      one.status === "BACK" ? { ...one, status: "SET_ASIDE" as const } : one,
    );
    return { ...step, sale: { ...step.sale, units } };
  }),
  sale(
    "can be entered after its end",
    (apply) => (model, message, now) =>
      isEnter(message)
        ? apply({ ...model, isClosed: false }, message, Math.min(now, model.endsAt - 1))
        : apply(model, message, now),
  ),
  sale(
    "forgets the limit per customer",
    asIf(() => ({ perCustomerLimit: 100 }), isEnter),
  ),
  sale(
    "gives one customer two places",
    (apply) => (model, message, now) =>
      message.type === "Enter" && model.tickets.size % 2 === 1
        ? renamed(
            apply,
            model,
            { ...message, customerId: `${message.customerId} again` },
            now,
            message.customerId,
          )
        : apply(model, message, now),
  ),
  sale("sells the unit of an order twice when it comes back", (apply) => (model, message, now) => {
    const step = apply(model, message, now);
    if (message.type !== "EndOrder" || step.answer !== "RETURNED") return step;
    return { ...step, sale: withTickets(step.sale, (ticket) => ({ ...ticket, hasReturned: false })) };
  }),
  sale("gives back to the ordinary stock what is held", (apply) => (model, message, now) => {
    const step = apply(model, message, now);
    if (!step.sale.isClosed || model.isClosed) return step;
    const units = step.sale.units.map((one) =>
      one.status === "SET_ASIDE" ? { ...one, status: "BACK" as const, ticketId: null } : one,
    );
    return { ...step, sale: { ...step.sale, units } };
  }),
];

/** The step without the grants that it made: those tickets wait on, and the units lie free. */
function withoutGrants(before: SaleModel, { sale: after }: SaleStep): SaleModel {
  const undone = new Set<number | null>();
  const tickets = new Map(
    [...after.tickets].map(([id, ticket]) => {
      const was = before.tickets.get(id);
      if (was?.status !== "WAITING" || ticket.status !== "HOLDING") return [id, ticket];
      undone.add(ticket.unit);
      return [id, was];
    }),
  );
  const units = after.units.map((one) => (undone.has(one.unit) ? { ...one, ticketId: null } : one));
  const { lastGrant, contestedGrants } = before;
  return { ...after, tickets, units, lastGrant, contestedGrants };
}

function stillWaiting(before: SaleModel, after: SaleModel): SaleModel {
  return withTickets(after, (ticket) => {
    const was = before.tickets.get(ticket.id);
    return was?.status === "WAITING" && ticket.status === "SOLD_OUT" ? was : ticket;
  });
}

function renamed(
  apply: Apply,
  model: SaleModel,
  message: Extract<SaleMessage, { type: "Enter" }>,
  now: number,
  customerId: string,
): SaleStep {
  const step = apply(model, message, now);
  return {
    ...step,
    sale: withTickets(step.sale, (one) => (one.id === message.ticketId ? { ...one, customerId } : one)),
  };
}
