import { Histogram } from "prom-client";
import { unavailable, type Postgres } from "@shop/service";
import type { FlashGate } from "../gate/flash-gate.ts";
import type { FlashLive } from "../live/flash-live.ts";
import { enterFlashSale, type Entry, type EntryAnswer } from "../store/enter-flash-sale.ts";

/** Entries of one statement, and those that may wait for theirs. */
const maxBatch = 500;
const maxQueued = 20_000;

const entrySeconds = new Histogram({
  name: "shop_flash_entry_seconds",
  help: "Time from a flash sale's entry past the gate to its ticket's number, or its refusal",
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});

type Waiting = { entry: Entry; answer: PromiseWithResolvers<EntryAnswer> };

/**
 * Batches entries: while one statement of a sale is under way, those that come meanwhile wait for the next, in their order of
 * arrival. So a sale's row is locked once for hundreds of them, by one transaction at a time of each instance.
 */
export function batchEntries({ pg, gate, flash }: { pg: Postgres; gate: FlashGate; flash: FlashLive }) {
  const queues = new Map<string, Waiting[]>();

  async function run(saleId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch(queue);
      try {
        const answers = await decide(
          saleId,
          batch.map(({ entry }) => entry),
        );
        batch.forEach(({ answer }, at) => answer.resolve(answers[at] ?? { refused: "NOT_RUNNING" }));
      } catch (error) {
        for (const { answer } of batch) answer.reject(error);
        // The tokens of these entries are lost, and the claims of their customers.
        void gate.open(saleId);
      }
    }
    queues.delete(saleId);
  }

  async function decide(saleId: string, entries: readonly Entry[]): Promise<EntryAnswer[]> {
    const entered = await pg.transact(async (tx) => enterFlashSale(tx, saleId, entries));
    const answers = entered?.answers ?? [];
    if (entered?.isChanged) {
      const tickets = answers.flatMap(({ ticketId }, at) =>
        ticketId !== undefined && ticketId === entries[at]?.ticketId ? [ticketId] : [],
      );
      flash.note({ saleId, isOver: false, tickets });
    }
    const refused = entries.flatMap(({ customerId }, at) => (answers[at]?.refused ? [customerId] : []));
    void gate.refuse(saleId, refused);
    return answers;
  }

  return {
    /** Decides an entry with those that came at the same time. */
    async enter(saleId: string, entry: Entry): Promise<EntryAnswer> {
      const waiting: Waiting = { entry, answer: Promise.withResolvers<EntryAnswer>() };
      const queue = queues.get(saleId);
      if (!queue) {
        const started = [waiting];
        queues.set(saleId, started);
        // In the next turn of the event loop, so that what arrived in this one is one batch.
        setImmediate(() => void run(saleId, started));
      } else if (queue.length >= maxQueued)
        throw unavailable(
          "Too many customers enter at once. Try again in a second, under the same idempotency key.",
        );
      else queue.push(waiting);
      const stopTimer = entrySeconds.startTimer();
      return waiting.answer.promise.finally(stopTimer);
    },
  };
}

/** The first entries, one of each customer: a second one of the same customer is decided after the first. */
function takeBatch(queue: Waiting[]): Waiting[] {
  const customers = new Set<string>();
  const batch: Waiting[] = [];
  const later: Waiting[] = [];
  for (const waiting of queue) {
    const { customerId } = waiting.entry;
    if (batch.length < maxBatch && !customers.has(customerId)) {
      customers.add(customerId);
      batch.push(waiting);
    } else later.push(waiting);
  }
  queue.splice(0, queue.length, ...later);
  return batch;
}
