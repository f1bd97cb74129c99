import { z } from "zod";

/** What account publishes. Aggregate: the user. */
export const accountEvents = {
  /** Somebody signed up. */
  UserRegistered: z.object({ userId: z.string(), email: z.string(), name: z.string() }),
};
