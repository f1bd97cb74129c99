import { userError } from "@shop/values";
import type { Deps } from "../deps.ts";
import { normaliseEmail } from "../domain/check-sign-up.ts";
import { isPassword } from "../password-hash.ts";
import { beginSession, type SessionResult } from "./begin-session.ts";

/** Begins a session by e-mail and password. An unknown e-mail and a wrong password get the same answer in the same time. */
export async function logIn(deps: Deps, input: { email: string; password: string }): Promise<SessionResult> {
  const { pg, store } = deps;
  // A change of password during the comparison needs a comparison with the new hash: up to 3 tries.
  for (let tries = 1; tries <= 3; tries++) {
    const user = await store.findUserByEmail(normaliseEmail(input.email));
    if (!(await isPassword(input.password, user?.passwordHash)) || !user) break;
    const session = await pg.transact(async (tx) => {
      if (!(await store.lockPassword(tx, user))) return undefined;
      await store.endExpiredSessionsOf(tx, user.id);
      return await beginSession(deps, tx, user);
    });
    if (session) return { session };
  }
  return { errors: [userError("BAD_CREDENTIALS", "E-mail or password is wrong.")] };
}
