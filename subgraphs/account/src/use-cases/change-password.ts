import { codedError, unauthenticated } from "@shop/service";
import { userError } from "@shop/values";
import type { GraphQLError } from "graphql";
import type { Deps } from "../deps.ts";
import { checkPassword } from "../domain/check-sign-up.ts";
import { hashPassword, isPassword } from "../password-hash.ts";
import { beginSession, type SessionResult } from "./begin-session.ts";

/**
 * Changes the password, ends all sessions of the user, and begins one for the caller. Throws UNAUTHENTICATED, and changes
 * nothing, when the caller's own session (`sid`) has ended meanwhile; RATE_LIMITED when the user has no attempt left.
 */
export async function changePassword(
  deps: Deps,
  caller: { userId: string; sid?: string | undefined },
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
): Promise<SessionResult> {
  const { pg, store } = deps;
  const user = await store.findUser(caller.userId);
  if (!user) return wrongPassword;
  const waitS = await store.takePasswordAttempt(user.id);
  if (waitS > 0) throw tooManyAttempts(waitS);
  if (!(await isPassword(currentPassword, user.passwordHash))) return wrongPassword;
  await store.resetPasswordAttempts(user.id);
  const errors = checkPassword(newPassword, user.email, ["newPassword"], user.name);
  if (errors.length > 0) return { errors };
  const passwordHash = await hashPassword(newPassword);
  const changed = await pg.transact(async (tx) => {
    if (!(await store.replacePassword(tx, user, passwordHash))) return undefined;
    const ended = await store.endSessionsOf(tx, user.id);
    if (caller.sid !== undefined && !ended.includes(caller.sid)) throw unauthenticated();
    return { ended, session: await beginSession(deps, tx, user) };
  });
  return changed ?? wrongPassword;
}

function tooManyAttempts(retryAfterSeconds: number): GraphQLError {
  const message = `The current password was wrong too often: try again in ${retryAfterSeconds} s.`;
  return codedError("RATE_LIMITED", message, { retryAfterSeconds });
}

const wrongPassword: SessionResult = {
  errors: [userError("BAD_CREDENTIALS", "The current password is wrong.", ["currentPassword"])],
};
