/** Limits of what orders that are not being paid may hold of a SKU, all of them added up. */
export type HoldRules = {
  /** Percent of all units: once for orders without a payment method, once for those with one. */
  percent: number;
  /** Units that may be held whatever the percentage, up to half of all units. */
  units: number;
  /** SKUs with a single unit of which one order may hold that unit. */
  lastUnits: number;
};

/** The defaults of the settings `UNPAID_…`. */
export const defaultHoldRules: HoldRules = { percent: 5, units: 5, lastUnits: 1 };

/** Orders without a payment method (`unpaid`), or with one, which keep their stock if the attempt fails or waits. */
export type Share = "unpaid" | "keepable";

/** Units of a SKU over all warehouses: free, and held for either kind of orders. Units being paid are neither. */
export type SkuLevel = { free: number } & Record<Share, number>;

export type Line = { lineId: string; sku: string; quantity: number };

export type Shortage = {
  lineId: string;
  sku: string;
  requested: number;
  available: number;
  isUnpaidLimit?: boolean;
};

/**
 * The lines that are short, and whether the others may be held while the order is not being paid. A line of an order without
 * a payment method is short as well beyond the limit of what may be held.
 */
export function findShortages(
  lines: readonly Line[],
  levelOf: (sku: string) => SkuLevel,
  share: Share,
  rules: HoldRules,
): { shortages: Shortage[]; mayBeHeld: boolean } {
  const wanted = new Map<string, number>();
  const holdable = new Map<string, number>();
  const shortages: Shortage[] = [];
  let mayBeHeld = true;
  let lastUnits = 0;
  for (const { lineId, sku, quantity } of lines) {
    const level = levelOf(sku);
    const before = wanted.get(sku) ?? 0;
    wanted.set(sku, before + quantity);
    if (!holdable.has(sku)) {
      const isOne = totalUnits(level) === 1;
      if (isOne) lastUnits++;
      holdable.set(
        sku,
        isOne && level.free === 1 && lastUnits > rules.lastUnits ? 0 : holdableUnits(level, share, rules),
      );
    }
    const left = level.free - before;
    const holdableLeft = (holdable.get(sku) ?? 0) - before;
    if (quantity > left) {
      shortages.push({ lineId, sku, requested: quantity, available: Math.max(left, 0) });
    } else if (quantity > holdableLeft) {
      mayBeHeld = false;
      if (share === "keepable") continue;
      shortages.push({
        ...{ lineId, sku, requested: quantity, available: Math.max(holdableLeft, 0) },
        isUnpaidLimit: true,
      });
    }
  }
  return { shortages, mayBeHeld };
}

/** A percentage of all units (at most half of few), never the last unit except of a single one, and no more than are free. */
export function holdableUnits(level: SkuLevel, share: Share, { percent, units }: HoldRules): number {
  const total = totalUnits(level);
  const held = level.unpaid + level.keepable;
  const allowed = Math.max(1, Math.floor((total * percent) / 100), Math.min(units, Math.floor(total / 2)));
  return Math.max(0, Math.min(level.free, Math.max(1, total - 1) - held, allowed - level[share]));
}

function totalUnits({ free, unpaid, keepable }: SkuLevel): number {
  return free + unpaid + keepable;
}
