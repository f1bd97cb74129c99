import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { anOrder, story } from "../../test/builders.ts";
import type { Order } from "../domain/index.ts";
import type { OrderBroadcast } from "../store/broadcast-commits.ts";
import type { Store } from "../store/store.ts";
import type { Written } from "../store/write-orders.ts";
import { openLive } from "./live-updates.ts";

const { order: placed, timeline } = story(anOrder());

/** The next commits of orders of one customer: each adds one or two rows, and may be another instance's. */
function world(random: () => number) {
  const rows: (Written["rows"][number] & { customerCounter: number })[] = [];
  const orders = new Map<string, Order>();
  let listener: (written: Written) => void = () => undefined;
  let receive: (text: string) => void = () => undefined;
  const soon = (act: () => void) => void sleep(Math.floor(random() * 8)).then(act);

  const sql = async (_: TemplateStringsArray, ...given: unknown[]) => {
    await sleep(random() * 3);
    const arrays = given.filter((one) => Array.isArray(one));
    const [orderIds, orderAfters, customerIds, customerAfters] = arrays as [
      string[],
      number[],
      string[],
      number[],
    ];
    const found = rows.flatMap((row) => {
      const { customerCounter, ...event } = row;
      const inOrder = orderIds.indexOf(row.orderId);
      const isNew = inOrder >= 0 && row.counter > (orderAfters[inOrder] ?? 0);
      const ofOrder = isNew ? [{ of: "order", feedId: row.orderId, feedCounter: row.counter, ...event }] : [];
      const isOfCustomer = customerIds.length > 0 && customerCounter > (customerAfters[0] ?? 0);
      const ofCustomer = isOfCustomer
        ? [{ of: "customer", feedId: "usr_1", feedCounter: customerCounter, ...event }]
        : [];
      return [...ofOrder, ...ofCustomer];
    });
    await sleep(random() * 3);
    return found.toSorted((one, other) => one.feedCounter - other.feedCounter);
  };

  const parts = {
    pg: { sql: Object.assign(sql, { unsafe: () => "" }) },
    bus: {
      onBroadcast: (_: string, __: string, handle: typeof receive) => {
        receive = handle;
        return () => undefined;
      },
    },
    log: { warn: (...text: unknown[]) => expect(text).toEqual([]) },
    store: {
      onCommit: (one: typeof listener) => (listener = one),
      findMany: async (ids: string[]) => new Map(ids.map((id) => [id, orders.get(id) as Order])),
    } as unknown as Store,
  };

  /** What is committed is in Postgres at once; the process and the broadcast learn of it later, in any order, or never. */
  function commit(id: string) {
    const before = orders.get(id) ?? { ...placed, id, customerId: "usr_1", counter: 0, version: 0 };
    const count = random() < 0.3 ? 2 : 1;
    const fresh = Array.from({ length: count }, (_, at) => {
      const row = { ...timeline[0], orderId: id, counter: before.counter + at + 1, occurredAt: new Date(0) };
      return { ...row, customerCounter: rows.length + at + 1 } as (typeof rows)[number];
    });
    rows.push(...fresh);
    const order: Order = { ...before, counter: before.counter + count, version: before.version + 1 };
    orders.set(id, order);
    const customerCounter = rows.length;
    const written = { order, rows: fresh, customerCounter };
    if (random() < 0.7) soon(() => listener(written));
    const { version, counter } = order;
    const broadcast: OrderBroadcast = { order: id, customer: "usr_1", version, counter, customerCounter };
    if (random() < 0.9) soon(() => receive(JSON.stringify(broadcast)));
  }
  return { parts, commit, rows };
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each([1, 2, 3, 4, 5, 6])(
  "whatever comes late, twice, out of order or never, each follower gets each row once, in order (seed %i)",
  { timeout: 20_000 },
  async (seed) => {
    const random = randomOf(seed);
    const { parts, commit, rows } = world(random);
    await using live = openLive(parts as never);
    const ids = ["ord_a", "ord_b", "ord_c"];
    const seen: { id: string; counters: number[]; versions: Map<string, number> }[] = [];
    const follow = (of: "order" | "customer", id: string, after: number) => {
      const one = { id, counters: [] as number[], versions: new Map<string, number>() };
      seen.push(one);
      void (async () => {
        for await (const { counter, order } of live.follow({ of, id }, after)) {
          one.counters.push(counter);
          expect(order.version).toBeGreaterThanOrEqual(one.versions.get(order.id) ?? 0);
          one.versions.set(order.id, order.version);
        }
      })();
    };
    for (let step = 0; step < 120; step++) {
      const id = ids[Math.floor(random() * ids.length)] ?? "";
      commit(id);
      if (step % 10 === 0) follow("order", id, 0);
      if (step % 25 === 0) follow("customer", "usr_1", 0);
      if (random() < 0.5) await sleep(random() * 4);
    }
    // Of what neither the process nor a broadcast has said, the poll learns.
    await sleep(1_300);
    for (const { id, counters } of seen) {
      const last = id === "usr_1" ? rows.length : rows.filter((row) => row.orderId === id).length;
      expect(counters).toEqual(Array.from({ length: last }, (_, at) => at + 1));
    }
  },
);
