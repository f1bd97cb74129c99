import { defineTask } from "@shop/service";
import { z } from "zod";

const ofIntent = z.object({ orderId: z.string(), intentId: z.string() });

/** Settles an intent after the commit. */
export const settleIntentTask = defineTask("settle-intent", ofIntent);
/** Settles the books of an intent after the commit. */
export const settleBooksTask = defineTask("settle-books", ofIntent);
