import type { Deps } from "../deps.ts";
import type { SaleStatus } from "../domain/flash-sale.ts";
import type { Sale } from "../store/flash-sales.ts";

/** Sales that one answer lists. */
const maxSales = 100;

/** The sales that run or are scheduled, from memory; or those of one status. */
export async function listSales(
  { flash, sales }: Pick<Deps, "flash" | "sales">,
  status: SaleStatus | undefined,
): Promise<Sale[]> {
  await flash.ready;
  if (status === "ENDED") return sales.endedSales(maxSales);
  const now = flash.sales.now();
  const isWanted = (sale: Sale) => {
    const its = flash.sales.status(sale, now);
    return status === undefined ? its !== "ENDED" : its === status;
  };
  const wanted = flash.sales.all().filter(isWanted);
  return wanted
    .toSorted(
      (one, other) => one.startsAt.getTime() - other.startsAt.getTime() || (one.id < other.id ? -1 : 1),
    )
    .slice(0, maxSales);
}
