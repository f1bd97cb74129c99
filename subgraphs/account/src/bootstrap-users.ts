import { roles, type Logger, type Postgres } from "@shop/service";
import { z } from "zod";
import { normaliseEmail } from "./domain/check-sign-up.ts";
import { hashPassword } from "./passwords.ts";
import { register } from "./sign-in.ts";
import type { Store } from "./store.ts";

/** Users that must exist: the first staff of a shop, the people of a demo. */
export const bootstrapUsers = z.array(
  z.object({
    email: z.email().transform(normaliseEmail),
    name: z.string().min(1).max(200),
    password: z.string().min(8).max(200),
    roles: z.array(z.enum(roles)).min(1),
  }),
);

/** Adds those that are missing; never changes one that is there. Any number of instances may do it at once. */
export async function addMissingUsers(
  { pg, store, log }: { pg: Postgres; store: Store; log: Logger },
  wanted: z.infer<typeof bootstrapUsers>,
): Promise<void> {
  for (const { password, ...user } of wanted) {
    if (await store.findUserByEmail(user.email)) continue;
    const passwordHash = await hashPassword(password);
    const added = await pg.transact((tx) => register(store, tx, { ...user, passwordHash }));
    if (added) log.info({ email: user.email, roles: user.roles }, "a user was added at start");
  }
}
