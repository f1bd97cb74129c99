import { roles } from "@shop/service";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { checkPassword } from "../domain/check-sign-up.ts";
import { hashPassword } from "../password-hash.ts";
import { accountEmail } from "./account-email.ts";
import { register } from "./sign-up.ts";

/** Users that must exist: the first staff of a shop, the users of a demo. */
export const bootstrapUsers = z.array(
  z.object({
    email: accountEmail,
    name: z.string().min(1).max(200),
    // The password's strength is checked only when the user is added: a later rule must not refuse an existing user.
    password: z.string().min(8).max(200),
    roles: z.array(z.enum(roles)).min(1),
  }),
);

/** The password of a demo's users, as in the README; sign-up and production refuse it. */
const demoPassword = "demo-password-1";

/** Adds missing users and never changes an existing one. Any number of instances may do so at once. */
export async function addMissingUsers(
  { pg, store, log, isProduction }: Pick<Deps, "pg" | "store" | "log" | "isProduction">,
  users: z.infer<typeof bootstrapUsers>,
): Promise<void> {
  for (const { password, ...user } of users) {
    if (await store.findUserByEmail(user.email)) continue;
    const isDemo = password === demoPassword && !isProduction;
    const [weak] = isDemo ? [] : checkPassword(password, user.email, [], user.name);
    if (weak) throw new Error(`BOOTSTRAP_USERS: the password of ${user.email} is refused. ${weak.message}`);
    const passwordHash = await hashPassword(password);
    const added = await pg.transact((tx) => register(store, tx, { ...user, passwordHash }));
    if (added) log.info({ email: user.email, roles: user.roles }, "a user was added at start");
  }
}
