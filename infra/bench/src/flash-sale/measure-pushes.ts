import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { makeCustomers } from "@shop/stack";
import { z } from "zod";
import type { BenchShop } from "../orders/bench-shop.ts";
import { percentiles, type Percentiles } from "../percentiles.ts";
import { processesOf, usageOf } from "../processes.ts";
import { countSale, type TicketMoments } from "./count-sale.ts";
import { openSale, signInStaff } from "./open-sale.ts";
import { fieldOf, openSaleGraph } from "./sale-graph.ts";
import { cancel, checkOut } from "./take-part.ts";
import { openFollower, type TicketPush } from "./ticket-follower.ts";

export type PushResult = {
  sockets: number;
  units: number;
  statusPushes: number;
  positionPushes: number;
  /** From the decision's moment in Postgres to the client, in ms. */
  push: Percentiles & { max: number };
  /** Resident memory of the gateway and the services for each socket with its subscription, in KB. */
  kbPerSocket: number;
  wrong: string[];
};

const entered = z.object({ ticket: z.object({ id: z.string() }) });

/** Each customer follows their ticket on a socket of their own; holders buy, three of ten are declined and cancel. */
export async function measurePushes(
  shop: BenchShop,
  sku: string,
  { sockets, units }: { sockets: number; units: number },
): Promise<PushResult> {
  const { shop: started, dataFolder } = shop;
  const graph = openSaleGraph(started.url, 200);
  const status = await started.status();
  const customers = await makeCustomers({ dataFolder, status, count: sockets, sku });
  const staff = await signInStaff(graph);
  const residentMb = () =>
    [...usageOf(processesOf(status))]
      .filter(([name]) => name === "gateway" || name === "subgraphs" || name === "inventory")
      .reduce((sum, [, usage]) => sum + usage.residentMb, 0);
  const before = residentMb();
  const followers = customers.map(({ accessToken }) => openFollower(started.url, accessToken));
  try {
    await Promise.all(followers.map((one) => one.connect()));
    const startsAtMs = Date.now() + 2_000;
    // All may wait: this run is about pushes, and a refused entry has none.
    const sale = await openSale(graph, staff, { sku, units, startsAtMs, minutes: 30, lineFloor: sockets });
    await sleep(startsAtMs - Date.now() + 1);
    const failures: string[] = [];
    const followed = await Promise.all(
      customers.map(async (customer, at) => {
        const variables = { flashSaleId: sale.id, idempotencyKey: randomUUID() };
        const answer = await graph.send("flash-sale-enter", variables, customer.accessToken);
        const { id } = fieldOf(answer, entered).ticket;
        const isDeclined = at % 10 < 3;
        const spend = async () => {
          const orderId = await checkOut(graph, customer, id, isDeclined);
          if (isDeclined && orderId !== undefined) await cancel(graph, customer, orderId);
        };
        const pushes = await followers[at]?.follow(id, () => {
          spend().catch((error: unknown) => failures.push(String(error)));
        });
        return { id, pushes: pushes ?? [] };
      }),
    );
    const { history, ...count } = await countSale(status, sale);
    const lateness: number[] = [];
    const wrong = followed.flatMap(({ id, pushes }) => compare(history.get(id), pushes, lateness));
    if (count.bought !== units || count.orders !== units || count.doubled > 0)
      wrong.push(
        `${count.bought} tickets bought, ${count.orders} orders, ${count.doubled} doubled, of ${units}`,
      );
    const all = followed.flatMap(({ pushes }) => pushes);
    return {
      ...{ sockets, units, statusPushes: lateness.length, positionPushes: all.length - lateness.length },
      push: { ...percentiles(lateness), max: lateness.at(-1) ?? 0 },
      kbPerSocket: (1024 * Math.max(0, residentMb() - before)) / sockets,
      wrong: [...failures, ...wrong],
    };
  } finally {
    await Promise.all(followers.map((one) => one.close()));
    await graph.close();
  }
}

/** Each change of status once, in order, and places in the line that only fall; notes how late a change was pushed. */
function compare(ticket: TicketMoments | undefined, pushes: TicketPush[], lateness: number[]): string[] {
  if (!ticket) return ["a ticket was followed that the database has not"];
  const changes = pushes.filter(({ status }, at) => status !== pushes[at - 1]?.status);
  const { grantedAt, endedAt, status: end } = ticket;
  const said = changes.map(({ status }) => status).join(" ");
  // The state at the subscription comes first: a change before it is no push of its own.
  const whole = [...(said.startsWith("WAITING") ? ["WAITING"] : []), ...(grantedAt ? ["HOLDING"] : []), end];
  const found: string[] = [];
  if (said !== whole.join(" ") && said !== whole.slice(1).join(" "))
    found.push(`a ticket ${whole.join(" ")} was pushed as ${said}`);
  const cursors = pushes.map(({ cursor }) => cursor);
  if (new Set(cursors).size < new Set(pushes.map(({ status }) => status)).size || hasTwice(pushes))
    found.push(`a change was pushed twice: ${JSON.stringify(pushes.slice(0, 5))}`);
  for (const { status, atMs } of changes.slice(1)) {
    const decidedAt = status === "HOLDING" ? grantedAt : endedAt;
    if (decidedAt !== null) lateness.push(atMs - decidedAt);
  }
  return found;
}

/** Two pushes alike, or a place in the line that is no better than the last one. */
function hasTwice(pushes: readonly TicketPush[]): boolean {
  return pushes.some((push, at) => {
    const last = pushes[at - 1];
    if (!last || last.status !== push.status) return false;
    return push.status !== "WAITING" || (push.position ?? 0) >= (last.position ?? Infinity);
  });
}
