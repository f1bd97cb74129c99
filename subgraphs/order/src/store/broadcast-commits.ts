import type { Kit, Tx } from "@shop/service";
import type { Written } from "./write-orders.ts";

/**
 * The text of a broadcast: an order has changed. With the counters of its feeds after that, so that an instance which has
 * these rows need not read them; an earlier release sends neither counters nor version. No personal data.
 */
export type OrderBroadcast = {
  order: string;
  customer: string | null;
  version?: number;
  counter?: number;
  customerCounter?: number | null;
};

export const broadcastTopic = "orders";

type Listener = (written: Written) => void;

/** Passes on what a commit has changed: in this process at once, to other instances by a broadcast. */
export function broadcastCommits(bus: Pick<Kit<unknown>["bus"], "broadcast">) {
  const listeners = new Set<Listener>();
  const pending = new WeakMap<Tx, Written[]>();

  function broadcastAll(written: readonly Written[]) {
    // In one transaction, orders of a customer may be counted in another order than they were decided in.
    const placeOf = ({ customerCounter }: Written) => customerCounter ?? Number.MAX_SAFE_INTEGER;
    const inOrder = written.toSorted((one, other) => placeOf(one) - placeOf(other));
    for (const one of inOrder) {
      for (const listen of listeners) listen(one);
      const { order, customerCounter } = one;
      const { id, customerId: customer, version, counter } = order;
      const broadcast: OrderBroadcast = { order: id, customer, version, counter, customerCounter };
      bus.broadcast(broadcastTopic, JSON.stringify(broadcast));
    }
  }

  return {
    onCommit: (listener: Listener) => void listeners.add(listener),
    broadcastLater(tx: Tx, written: Written) {
      const others = pending.get(tx);
      if (others) return void others.push(written);
      const all = [written];
      pending.set(tx, all);
      tx.afterCommit(() => broadcastAll(all));
    },
  };
}
