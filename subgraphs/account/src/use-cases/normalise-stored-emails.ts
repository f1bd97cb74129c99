import type { Deps } from "../deps.ts";
import { normaliseEmail } from "../domain/check-sign-up.ts";

/**
 * Normalises the e-mails that an earlier release stored in another form. Reads only e-mails that can differ from their
 * normal form; an e-mail whose normal form is another account's is left to staff.
 */
export async function normaliseStoredEmails({ store, log }: Pick<Deps, "store" | "log">): Promise<void> {
  for (const { id, email } of await store.findUnusualEmails()) {
    const normal = normaliseEmail(email);
    if (normal === email || (await store.replaceEmail(id, normal))) continue;
    log.warn(
      { userId: id },
      "an account can't be reached by its e-mail: another account has it in its normal form",
    );
  }
}
