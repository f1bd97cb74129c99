import type { Order } from "../domain/index.ts";
import type { Written } from "../store/write-orders.ts";
import type { TimelineEntry } from "../tables.ts";

/** A state of an order, rows of its timeline without a gap, and the newest version that a broadcast named. */
type Known = {
  order: Order;
  rows: readonly TimelineEntry[];
  committedAt: number;
  broadcastVersion: number;
  bytes: number;
};

/** For some 2,000 orders of one line. */
const maxBytes = 8 * 2 ** 20;
/** For how long after a commit of this process the order's feed is given from memory. */
const freshMs = 5_000;

/**
 * The orders that this process has committed or read last, bounded by bytes. Another instance may have changed them since,
 * and its broadcast may be lost: an order's age is unknown here, except that it is no older than its version.
 */
export class RecentOrders {
  /** The longest untouched first. */
  readonly #known = new Map<string, Known>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(limit = maxBytes) {
    this.#maxBytes = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The order in the newest state that this process has seen; only what never changes is certain of it. */
  find(id: string): Order | undefined {
    return this.#known.get(id)?.order;
  }

  /** Keeps what was committed, and gives the newest state of the order. */
  keepCommitted({ order, rows }: Pick<Written, "order" | "rows">, now = Date.now()): Order {
    const known = this.#known.get(order.id);
    const newest = known && known.order.version > order.version ? known.order : order;
    this.#keep({ ...known, order: newest, rows: joined(known?.rows ?? [], rows), committedAt: now });
    return newest;
  }

  /** Keeps what was read, and gives the newest state of the order: so no push goes back to an earlier one. */
  keepRead(order: Order): Order {
    const known = this.#known.get(order.id);
    if (known && known.order.version >= order.version) return known.order;
    this.#keep({ ...known, order });
    return order;
  }

  /** The order and its rows after the counter, if this process has made all of them, and lately. */
  feedAfter(id: string, counter: number, now = Date.now()): Pick<Known, "order" | "rows"> | undefined {
    const known = this.#known.get(id);
    if (!known || known.committedAt < now - freshMs || counter > known.order.counter) return undefined;
    const { order, rows, broadcastVersion } = known;
    if (broadcastVersion > order.version) return undefined;
    const from = rows[0]?.counter ?? Infinity;
    if (from > counter + 1 || rows.at(-1)?.counter !== order.counter) return undefined;
    return { order, rows: rows.slice(counter + 1 - from) };
  }

  /** Notes that the order has this version; without one, that it has changed. */
  noteBroadcast(id: string, version = Infinity): void {
    const known = this.#known.get(id);
    if (known) known.broadcastVersion = Math.max(known.broadcastVersion, version);
  }

  #keep({ order, rows = [], committedAt = 0, broadcastVersion = 0 }: Partial<Known> & Pick<Known, "order">) {
    const before = this.#known.get(order.id);
    if (before) this.#drop(order.id, before);
    const bytes = bytesOf(order, rows);
    this.#known.set(order.id, { order, rows, committedAt, broadcastVersion, bytes });
    this.#bytes += bytes;
    for (const [oldest, known] of this.#known) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#drop(oldest, known);
    }
  }

  #drop(id: string, { bytes }: Known): void {
    this.#known.delete(id);
    this.#bytes -= bytes;
  }
}

/** Both, if the later rows follow on the earlier ones; else the later ones. */
function joined(
  earlier: readonly TimelineEntry[],
  later: readonly TimelineEntry[],
): readonly TimelineEntry[] {
  const [first] = later;
  if (!first) return earlier;
  const last = earlier.at(-1);
  if (!last || last.counter === first.counter - 1) return [...earlier, ...later];
  return first.counter > last.counter ? later : earlier;
}

/** By heap: the order with its address and what it reports, each line, row, and processed event. */
function bytesOf({ lines, progress }: Order, rows: readonly TimelineEntry[]): number {
  return 2_500 + 900 * lines.length + 300 * rows.length + 150 * progress.processedKeys.length;
}
