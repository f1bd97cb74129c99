import {
  freeUnits,
  ticketsThatAre,
  unitsSold,
  type SaleMessage,
  type SaleModel,
  type SaleTicket,
} from "@shop/inventory/reference-model";

const finals = new Set<SaleTicket["status"]>(["BOUGHT", "EXPIRED", "LEFT", "SOLD_OUT"]);

/** Checks each decision of a sale for what I5 and I12 promise: order of service, one owner, no idle unit, one end. */
export function openSaleMonitor() {
  const found = new Set<string>();
  const holds = (claim: boolean, otherwise: string) => void (claim || found.add(otherwise));
  return {
    found,
    step(before: SaleModel, message: SaleMessage, after: SaleModel, now: number) {
      for (const was of before.tickets.values()) {
        const is = after.tickets.get(was.id);
        holds(is !== undefined, `I12 ticket ${was.number} is gone`);
        if (finals.has(was.status))
          holds(
            is?.status === was.status,
            `I12 ticket ${was.number} went from ${was.status} to ${is?.status}`,
          );
        if (was.status === "HOLDING" && was.orderId !== null && message.type === "Deadlines")
          holds(is?.status === "HOLDING", `I12 the timer ended a hold that is an order's`);
        if (was.status === "HOLDING" && is?.status === "HOLDING")
          holds(
            was.orderId === null || was.orderId === is.orderId,
            `I5 the hold of ${was.orderId} went to ${is.orderId}`,
          );
      }
      servedInOrder(before, after, message, now);
      for (const ticket of after.tickets.values()) {
        const isOwner = ticket.status === "HOLDING" || (ticket.status === "BOUGHT" && !ticket.hasReturned);
        const owner = after.units.find(({ unit }) => unit === ticket.unit)?.ticketId;
        if (isOwner) holds(owner === ticket.id, `I12 ticket ${ticket.number} has a unit that is ${owner}'s`);
      }
      for (const mine of Map.groupBy(after.tickets.values(), ({ customerId }) => customerId).values()) {
        const live = mine.filter(({ status }) => status === "WAITING" || status === "HOLDING");
        const bought = mine.filter(({ status, hasReturned }) => status === "BOUGHT" && !hasReturned);
        holds(live.length <= 1, `I5 ${live.length} live tickets of one customer`);
        holds(bought.length <= after.perCustomerLimit, `I12 ${bought.length} units of one customer`);
      }
      const isOpen = !after.isClosed && now >= after.startsAt && now < after.endsAt;
      const waiting = ticketsThatAre(after, "WAITING").length;
      const free = freeUnits(after).length;
      holds(
        !isOpen || free === 0 || waiting === 0,
        `I12 ${free} units lie idle while ${waiting} tickets wait`,
      );
      holds(waiting === 0 || unitsSold(after) < after.units.length, "I12 a ticket waits, and all is sold");
      holds(waiting === 0 || !after.isClosed, "I12 a ticket waits, and the sale is closed");
    },
  };

  function servedInOrder(before: SaleModel, after: SaleModel, message: SaleMessage, now: number) {
    const granted = [...after.tickets.values()]
      .filter(
        ({ id, grantNumber }) =>
          grantNumber !== null && (before.tickets.get(id)?.grantNumber ?? null) === null,
      )
      .sort((one, other) => (one.grantNumber ?? 0) - (other.grantNumber ?? 0));
    const isRunning = !before.isClosed && now >= before.startsAt && now < before.endsAt;
    let contests = before.contestedGrants;
    for (const ticket of granted) {
      holds(isRunning, `I12 ticket ${ticket.number} got a unit outside the sale's time`);
      const waits = [...after.tickets.values()].filter(
        (one) =>
          before.tickets.get(one.id)?.status === "WAITING" &&
          (one.status === "WAITING" || (one.grantNumber ?? 0) > (ticket.grantNumber ?? 0)),
      );
      const earlier = waits.find(
        (one) => one.number < ticket.number && (!after.ratio || one.line === ticket.line),
      );
      holds(!earlier, `I12 ticket ${ticket.number} got a unit before ${earlier?.number}, which still waits`);
      const isContested = waits.some(({ line }) => line !== ticket.line) && message.type !== "Enter";
      holds(ticket.wasContested === isContested, `I12 a contest is not counted as it was`);
      if (!isContested || !after.ratio) continue;
      const isVips = contests++ % (after.ratio.vip + after.ratio.standard) < after.ratio.vip;
      holds(isVips === (ticket.line === "VIP"), `I12 a unit went against the ratio of the lines`);
    }
  }
}
