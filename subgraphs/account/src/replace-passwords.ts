import type { Logger, Postgres } from "@shop/service";
import { z } from "zod";
import { normaliseEmail } from "./domain/check-sign-up.ts";
import { hashPassword, isPassword } from "./passwords.ts";
import type { Store } from "./store.ts";

/** Log-ins that everybody knows (a demo's), and the passwords that they get instead. */
export const replacedPasswords = z.array(
  z.object({ email: z.email().transform(normaliseEmail), known: z.string(), password: z.string().min(8) }),
);

/** Replaces each known password that still opens its account, and ends the account's sessions. Changed ones are left. */
export async function replaceKnownPasswords(
  { pg, store, log }: { pg: Postgres; store: Store; log: Logger },
  wanted: z.infer<typeof replacedPasswords>,
): Promise<void> {
  for (const { email, known, password } of wanted) {
    const user = await store.findUserByEmail(email);
    if (!user || !(await isPassword(known, user.passwordHash))) continue;
    const passwordHash = await hashPassword(password);
    await pg.transact(async (tx) => {
      if (await store.replacePassword(tx, user, passwordHash)) await store.endSessionsOf(tx, user.id);
    });
    log.warn({ email }, "the password that everybody knows was replaced");
  }
}
