import { z } from "zod";

/** The events that account publishes. Aggregate: the user. */
export const accountEvents = {
  /** A customer signed up. */
  UserRegistered: z.object({ userId: z.string(), email: z.string(), name: z.string() }),
  /** Staff marked a customer as VIP, or no longer. */
  UserTierChanged: z.object({ userId: z.string(), tier: z.enum(["STANDARD", "VIP"]) }),
};
