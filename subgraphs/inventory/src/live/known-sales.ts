import type { Sale } from "../store/flash-sales.ts";
import { saleStatus, type SaleStatus } from "../domain/flash-sale.ts";

/**
 * The sales that run, are scheduled, or ended lately, in memory, so that no page reads the row that entries lock; and the
 * database's clock, by which they start and end.
 */
export class KnownSales {
  readonly #byId = new Map<string, Sale>();
  readonly #byVariant = new Map<string, Sale[]>();
  /** The database's clock less this process' monotonic one. */
  #aheadMs = 0;
  #isRead = false;

  get isRead(): boolean {
    return this.#isRead;
  }

  /** The database's clock. */
  now(): Date {
    return new Date(this.#isRead ? performance.now() + this.#aheadMs : Date.now());
  }

  /** Keeps what was read between two moments of the monotonic clock; of a sale, the newest version stays. */
  keep(sales: readonly Sale[], readFromMs: number, readToMs: number): void {
    for (const sale of sales) {
      this.#setClock(sale.readAt, (readFromMs + readToMs) / 2);
      const known = this.#byId.get(sale.id);
      if (known && known.version > sale.version) continue;
      this.#byId.set(sale.id, sale);
    }
    this.#index();
  }

  /** Replaces all: what is no longer read is forgotten. */
  keepAll(sales: readonly Sale[], clock: Date, readFromMs: number, readToMs: number): void {
    this.#setClock(clock, (readFromMs + readToMs) / 2);
    this.#isRead = true;
    const ids = new Set(sales.map(({ id }) => id));
    for (const [id, sale] of this.#byId)
      if (!ids.has(id) && sale.readAt.getTime() < clock.getTime()) this.#byId.delete(id);
    this.keep(sales, readFromMs, readToMs);
  }

  find(id: string): Sale | undefined {
    return this.#byId.get(id);
  }

  all(): Sale[] {
    return [...this.#byId.values()];
  }

  /** The sale that a variant's page shows: the one that runs, else the next one. */
  ofVariant(variantId: string): Sale | undefined {
    const now = this.now();
    return this.#byVariant.get(variantId)?.find((sale) => this.status(sale, now) !== "ENDED");
  }

  /** Whether the variant is kept off sale now, before its sale or after it: the sale that begins last says so. */
  isOffSale(variantId: string): boolean {
    const sales = this.#byVariant.get(variantId);
    if (!sales) return false;
    const now = this.now();
    const isRunning = sales.some((sale) => now >= sale.startsAt && now < sale.endsAt);
    return !isRunning && sales.at(-1)?.outsideSale === "NOT_FOR_SALE";
  }

  status(sale: Sale, now = this.now()): SaleStatus {
    return saleStatus(sale, now);
  }

  #setClock(clock: Date, atMs: number): void {
    this.#aheadMs = clock.getTime() - atMs;
  }

  #index(): void {
    this.#byVariant.clear();
    const inOrder = this.all().toSorted((one, other) => one.startsAt.getTime() - other.startsAt.getTime());
    for (const sale of inOrder) {
      const others = this.#byVariant.get(sale.variantId);
      if (others) others.push(sale);
      else this.#byVariant.set(sale.variantId, [sale]);
    }
  }
}
