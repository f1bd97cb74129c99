import { roles, type Logger, type Postgres } from "@shop/service";
import { z } from "zod";
import { checkPassword, normaliseEmail } from "./domain/check-sign-up.ts";
import { hashPassword } from "./passwords.ts";
import { register } from "./sign-in.ts";
import type { Store } from "./store.ts";

/** Users that must exist: the first staff of a shop, the people of a demo. */
export const bootstrapUsers = z.array(
  z.object({
    email: z.email().transform(normaliseEmail),
    name: z.string().min(1).max(200),
    // By its strength it is checked only where the user is added, which a change of rules does not undo.
    password: z.string().min(8).max(200),
    roles: z.array(z.enum(roles)).min(1),
  }),
);

/**
 * Brings e-mails that an earlier release kept in another form into the one that look-ups use: of those alone in which the two
 * can differ. One whose form is another's account is left to staff.
 */
export async function renewEmails({ store, log }: { store: Store; log: Logger }): Promise<void> {
  for (const { id, email } of await store.findUnusualEmails()) {
    const normal = normaliseEmail(email);
    if (normal === email || (await store.replaceEmail(id, normal))) continue;
    log.warn(
      { userId: id },
      "an account can't be reached by its e-mail: another account has it in its normal form",
    );
  }
}

/** Stands in the README. The people of a demo have it; signing up and production take nothing like it. */
const demoPassword = "demo-password-1";

/** Adds those that are missing; never changes one that is there. Any number of instances may do it at once. */
export async function addMissingUsers(
  needs: { pg: Postgres; store: Store; log: Logger; isProduction: boolean },
  wanted: z.infer<typeof bootstrapUsers>,
): Promise<void> {
  const { pg, store, log, isProduction } = needs;
  for (const { password, ...user } of wanted) {
    if (await store.findUserByEmail(user.email)) continue;
    const isDemo = password === demoPassword && !isProduction;
    const [weak] = isDemo ? [] : checkPassword(password, user.email, [], user.name);
    if (weak) throw new Error(`BOOTSTRAP_USERS: the password of ${user.email} is refused. ${weak.message}`);
    const passwordHash = await hashPassword(password);
    const added = await pg.transact((tx) => register(store, tx, { ...user, passwordHash }));
    if (added) log.info({ email: user.email, roles: user.roles }, "a user was added at start");
  }
}
