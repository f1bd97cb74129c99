/** How much of a SKU orders that nobody is paying at the moment may hold together. */
export type HoldRules = {
  /** The share of what there is, in percent: once for orders without a payment method, once for those with one. */
  percent: number;
  /** So many units at least, as long as they are no more than half of what there is. */
  units: number;
  /** Of so many SKUs with but one unit an order may hold that unit. */
  lastUnits: number;
};

/** In force where the service is not configured otherwise. */
export const defaultHoldRules: HoldRules = { percent: 5, units: 5, lastUnits: 1 };

/** Orders without a payment method, or orders with one, which may keep so much if their attempt fails or waits. */
export type Share = "unpaid" | "keepable";

/** What there is of a SKU over all warehouses: free, and held for either kind of orders. Units being paid are neither. */
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
 * The lines that can't be had; and whether the others may be held while nobody pays. An unpaid order's lines can't be had
 * beyond what may be held.
 */
export function shortagesOf(
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
      const isOne = thereOf(level) === 1;
      if (isOne) lastUnits++;
      holdable.set(
        sku,
        isOne && level.free === 1 && lastUnits > rules.lastUnits ? 0 : mayHold(level, share, rules),
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

/** A share of what there is (at most half of few), never the last unit but of one, and no more than is free. */
export function mayHold(level: SkuLevel, share: Share, { percent, units }: HoldRules): number {
  const there = thereOf(level);
  const held = level.unpaid + level.keepable;
  const allowed = Math.max(1, Math.floor((there * percent) / 100), Math.min(units, Math.floor(there / 2)));
  return Math.max(0, Math.min(level.free, Math.max(1, there - 1) - held, allowed - level[share]));
}

function thereOf({ free, unpaid, keepable }: SkuLevel): number {
  return free + unpaid + keepable;
}
