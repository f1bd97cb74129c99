import { createWakeup, pollLoop, type Bus, type Logger } from "@shop/service";
import DataLoader from "dataloader";
import type { FlashGate } from "../gate/flash-gate.ts";
import {
  positionIn,
  type FlashChange,
  type openFlashSales,
  type Sale,
  type Ticket,
  type WaitingNumbers,
} from "../store/flash-sales.ts";
import { KnownSales } from "./known-sales.ts";
import { TicketFollowers, type TicketFollower } from "./ticket-followers.ts";

/** How often all is read besides: broadcasts and writes to Redis may be lost. Also how often a place in the line is shown. */
const pollMs = 1_000;
/** A broadcast names at most so many tickets; of more it says that all may have changed. */
const maxNamed = 500;
const topic = "flash-sales";

/** What a commit has changed of a sale; null: any of its tickets. */
type Broadcast = { from: string; saleId: string; tickets: string[] | null };

type Parts = {
  store: ReturnType<typeof openFlashSales>;
  gate: FlashGate;
  bus: Pick<Bus, "broadcast" | "onBroadcast">;
  log: Pick<Logger, "warn">;
};

/**
 * Passes on what was committed: to the gate, to other instances and to subscribers. One reader serves all: after each commit and
 * broadcast it reads what they name, and each second everything that is followed.
 */
export function openFlashLive({ store, gate, bus, log }: Parts) {
  const instance = crypto.randomUUID();
  const sales = new KnownSales();
  const followers = new TicketFollowers();
  const wakeup = createWakeup();
  const firstRead = Promise.withResolvers<void>();
  /** Sales that have changed, with the tickets that changed; null is all of them. `own`: committed by this instance. */
  let changed = new Map<string, { tickets: Set<string> | null; own: boolean }>();
  let pollAt = 0;

  function mark(saleId: string, tickets: readonly string[] | null, own: boolean): void {
    const known = changed.get(saleId);
    if (!known) changed.set(saleId, { tickets: tickets && new Set(tickets), own });
    else {
      if (tickets === null) known.tickets = null;
      else for (const ticket of tickets) known.tickets?.add(ticket);
      known.own ||= own;
    }
    wakeup.wake();
  }

  const unsubscribe = bus.onBroadcast("inventory", topic, (text) => {
    const { from, saleId, tickets } = JSON.parse(text) as Broadcast;
    if (from !== instance) mark(saleId, tickets, false);
  });

  async function passOn(): Promise<void> {
    const taken = changed;
    changed = new Map();
    try {
      const isFollowed = (id: string) => followers.has(id);
      // Of its own commits all tickets are written through; of others' those are read that are followed here.
      const ids = [...taken.values()].flatMap(({ tickets, own }) => {
        if (tickets === null) return followers.ids();
        return [...tickets].filter((id) => own || isFollowed(id));
      });
      const fromMs = performance.now();
      const [changedSales, tickets] = await Promise.all([
        store.findSales([...taken.keys()]),
        ids.length > 0 ? store.findTickets([...new Set(ids)]) : [],
      ]);
      sales.keep(changedSales, fromMs, performance.now());
      for (const [saleId, { tickets: named, own }] of taken) if (own) broadcast(saleId, named);
      await give(tickets);
      const own = changedSales.filter(({ id }) => taken.get(id)?.own);
      await gate.write(own, tickets, sales.now());
    } catch (error) {
      for (const [saleId, { tickets, own }] of taken) mark(saleId, tickets && [...tickets], own);
      throw error;
    }
  }

  function broadcast(saleId: string, named: Set<string> | null): void {
    const tickets = named && named.size <= maxNamed ? [...named] : null;
    bus.broadcast(topic, JSON.stringify({ from: instance, saleId, tickets } satisfies Broadcast));
  }

  async function poll(): Promise<void> {
    pollAt = performance.now() + pollMs;
    const fromMs = performance.now();
    const { current, clock } = await store.currentSales();
    sales.keepAll(current, clock, fromMs, performance.now());
    firstRead.resolve();
    const ids = followers.ids();
    if (ids.length > 0) {
      await give(await store.findTickets(ids));
      await showPositions();
    }
    await gate.write(current, [], sales.now());
  }

  async function give(tickets: readonly Ticket[]): Promise<void> {
    const followed = tickets.filter(({ id }) => followers.has(id));
    // Those who are not told of their place yet; all others have it from the look at the line once a second.
    const isUnplaced = ({ id }: Ticket) => [...followers.of(id)].some(({ after }) => after === 0);
    const saleIds = new Set(followed.filter(isUnplaced).map(({ saleId }) => saleId));
    const waiting: WaitingNumbers = saleIds.size > 0 ? await store.waitingNumbers([...saleIds]) : new Map();
    const positionOf = (ticket: Ticket) =>
      saleIds.has(ticket.saleId) ? positionIn(waiting, ticket) : undefined;
    for (const ticket of followed)
      for (const follower of followers.of(ticket.id)) follower.giveSteps(ticket, positionOf);
  }

  /** One statement for all that wait and are followed. */
  async function showPositions(): Promise<void> {
    const waitingFollowers = [...followers.all()].filter(({ ticket }) => ticket.status === "WAITING");
    if (waitingFollowers.length === 0) return;
    const waiting = await store.waitingNumbers([
      ...new Set(waitingFollowers.map(({ ticket }) => ticket.saleId)),
    ]);
    for (const follower of waitingFollowers) follower.givePosition(positionIn(waiting, follower.ticket));
  }

  const onError = (error: unknown) =>
    log.warn({ err: error }, "flash sales could not be passed on; trying again");
  const backoff = { firstMs: 100, maxMs: pollMs, isWakeable: false };
  const reader = pollLoop({ everyMs: pollMs, wakeup, backoff, onError }, async () => {
    if (changed.size > 0) await passOn();
    if (performance.now() >= pollAt) await poll();
    return changed.size > 0 ? 0 : Math.max(1, pollAt - performance.now());
  });

  /** The lines of the sales that were asked for in one turn of the event loop, read in one statement. */
  const lines = new DataLoader<string, WaitingNumbers>(
    async (saleIds) => {
      const waiting = await store.waitingNumbers(saleIds);
      return saleIds.map(() => waiting);
    },
    { cache: false },
  );

  return {
    sales,
    /** Resolves once the sales have been read. */
    ready: firstRead.promise,
    /** Notes what a commit has changed. */
    note: ({ saleId, isOver, tickets }: FlashChange) => mark(saleId, isOver ? null : tickets, true),
    async find(id: string): Promise<Sale | undefined> {
      return sales.find(id) ?? (await store.findSales([id]))[0];
    },
    async positionOf(ticket: Ticket): Promise<number> {
      return positionIn(await lines.load(ticket.saleId), ticket);
    },
    /** The steps of a ticket after this one, and its places after this one, until its final status. */
    follow(ticket: Ticket, after: number, position: number | null): TicketFollower {
      const follower = followers.follow(
        { ...ticket, counter: Math.min(ticket.counter, after) },
        after,
        position,
      );
      mark(ticket.saleId, [ticket.id], false);
      return follower;
    },
    async [Symbol.asyncDispose]() {
      unsubscribe();
      await followers.end();
      await reader[Symbol.asyncDispose]();
    },
  };
}

export type FlashLive = ReturnType<typeof openFlashLive>;
