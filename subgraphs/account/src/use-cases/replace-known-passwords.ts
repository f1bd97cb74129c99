import { z } from "zod";
import type { Deps } from "../deps.ts";
import { hashPassword, isPassword } from "../password-hash.ts";
import { accountEmail } from "./account-email.ts";

/** Accounts with a published password (a demo's), and the password that replaces it. */
export const replacedPasswords = z.array(
  z.object({ email: accountEmail, known: z.string(), password: z.string().min(8) }),
);

/** Replaces each published password that still opens its account, and ends the account's sessions. */
export async function replaceKnownPasswords(
  { pg, store, log }: Pick<Deps, "pg" | "store" | "log">,
  replaced: z.infer<typeof replacedPasswords>,
): Promise<void> {
  for (const { email, known, password } of replaced) {
    const user = await store.findUserByEmail(email);
    if (!user || !(await isPassword(known, user.passwordHash))) continue;
    const passwordHash = await hashPassword(password);
    await pg.transact(async (tx) => {
      if (await store.replacePassword(tx, user, passwordHash)) await store.endSessionsOf(tx, user.id);
    });
    log.warn({ email }, "the password that everybody knows was replaced");
  }
}
