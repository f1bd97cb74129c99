import type { ChainableCommander, Redis } from "ioredis";
import { maxWaiting, saleStatus } from "../domain/flash-sale.ts";
import type { Sale, Ticket } from "../store/flash-sales.ts";
import { admitScript, releaseScript, tokensScript } from "./flash-gate.lua.ts";
import type { RedisGuard } from "./redis-guard.ts";

/** What the gate says of an entry: `full` alone stops it; `open` is a gate that is not there. */
export type Admission = "admitted" | "known" | "open" | "full";

/** Tokens are renewed each second: while no instance does it, the gate opens. */
const tokensTtlS = 5;
/** An entry that died on its way to Postgres keeps its claim for so long. */
const claimTtlS = 30;
/** For how long after a sale's end its customers are known. */
const knownAfterEndS = 3_600;
/** Locks outlive a hold by the grace of its timer. */
const lockGraceS = 5;

/**
 * Redis before Postgres: keeps entries away that nothing can be given to. It never decides: what it admits, Postgres decides
 * again, and without Redis all entries go to Postgres. Each key and its use: FLASH-SALE.md.
 */
export function openGate(redis: Redis, guard: RedisGuard) {
  return {
    async admit(saleId: string, customerId: string): Promise<Admission> {
      const keys = [keyOf(saleId, "tokens"), keyOf(saleId, "ticket", customerId)];
      const answer = await guard(() => redis.eval(admitScript, keys.length, ...keys, claimTtlS));
      return (answer as Admission | undefined) ?? "open";
    },

    /** Gives the claim of a refused entry back, so that the customer's next try needs a token again. */
    async refuse(saleId: string, customerIds: readonly string[]): Promise<void> {
      if (customerIds.length === 0) return;
      const keys = customerIds.map((id) => keyOf(saleId, "ticket", id));
      await guard(() => redis.eval(releaseScript, keys.length, ...keys, "?"));
    },

    /** Opens the gate until the next commit or second: entries that it had admitted were lost. */
    async open(saleId: string): Promise<void> {
      await guard(() => redis.del(keyOf(saleId, "tokens")));
    },

    /** Writes committed states through. */
    async write(sales: readonly Sale[], tickets: readonly Ticket[], now: Date): Promise<void> {
      const bySale = new Map(sales.map((sale) => [sale.id, sale]));
      const pipeline = redis.pipeline();
      for (const sale of sales) writeTokens(pipeline, sale, now);
      for (const ticket of tickets) {
        const sale = bySale.get(ticket.saleId);
        if (sale) writeTicket(pipeline, sale, ticket, now);
      }
      if (pipeline.length > 0) await guard(() => pipeline.exec());
    },
  };
}

export type FlashGate = ReturnType<typeof openGate>;

function writeTokens(pipeline: ChainableCommander, sale: Sale, now: Date): void {
  const status = saleStatus(sale, now);
  // A sale that is long over may still keep its variant off sale; its entries go to Postgres, which refuses them.
  if (status === "SCHEDULED" || secondsUntil(sale.endsAt, now) < -knownAfterEndS) return;
  const free = sale.unitsFree + Math.max(0, maxWaiting(sale) - sale.waiting);
  const isOver = status === "ENDED" || sale.unitsSold === sale.unitsTotal;
  const keys = [keyOf(sale.id, "tokens"), keyOf(sale.id, "version")];
  pipeline.eval(tokensScript, keys.length, ...keys, sale.version, isOver ? 0 : free, tokensTtlS);
}

function writeTicket(pipeline: ChainableCommander, sale: Sale, ticket: Ticket, now: Date): void {
  const { id, saleId, customerId, unit, status, holdExpiresAt } = ticket;
  const ttlS = Math.max(1, secondsUntil(sale.endsAt, now)) + knownAfterEndS;
  // The claim of the gate becomes the ticket.
  pipeline.set(keyOf(saleId, "ticket", customerId), id, "EX", ttlS);
  if (unit === null) return;
  const locks = [keyOf(saleId, "hold", customerId), keyOf(saleId, "unit", String(unit))];
  if (status === "HOLDING" && holdExpiresAt) {
    const heldS = Math.max(1, secondsUntil(holdExpiresAt, now)) + lockGraceS;
    for (const lock of locks) pipeline.set(lock, id, "EX", heldS, "NX");
  } else pipeline.eval(releaseScript, locks.length, ...locks, id);
}

function secondsUntil(at: Date, now: Date): number {
  return Math.ceil((at.getTime() - now.getTime()) / 1000);
}

/** The braces keep all keys of a sale in one slot of a cluster, as scripts need them. */
function keyOf(saleId: string, kind: "tokens" | "version" | "ticket" | "hold" | "unit", of = ""): string {
  return `inventory:flash:{${saleId}}:${kind}${of === "" ? "" : `:${of}`}`;
}
