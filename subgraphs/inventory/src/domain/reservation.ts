import type { Allocation, EventData } from "@shop/events";
import type { Share } from "./unpaid-unit-limits.ts";

/** An order's reservation, with what a repeated event needs to get the same answer again. */
export type Reservation = { version: number; turn?: number } &
  /** `share`: the kind of held units that these count as; null for units that are held only while they are being paid. */
  (
    | { status: "RESERVED"; allocations: Allocation[]; share?: Share | null }
    /** The stock is given back while the order stays payable: a later turn may reserve anew. */
    | { status: "YIELDED" }
    | { status: "SOLD"; allocations: Allocation[] }
    /** `wasSold` is null for the mark that keeps a late reservation out. */
    | { status: "RELEASED"; wasSold: boolean | null }
    | { status: "FAILED"; shortages: Shortages }
  );

/** The lines that could not be had. */
export type Shortages = EventData<"InventoryReservationFailed">["shortages"];
