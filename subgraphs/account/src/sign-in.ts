import { codedError, event, unauthenticated, type Postgres, type Role, type Tx } from "@shop/service";
import { newId } from "@shop/values";
import type { GraphQLError } from "graphql";
import type { Signer } from "./access-token.ts";
import { checkPassword, checkSignUp, normaliseEmail, type SignUp } from "./domain/check-sign-up.ts";
import type { Refusal } from "./domain/refusal.ts";
import { beginSession, type IssuedSession } from "./issue-session.ts";
import { hashPassword, isPassword } from "./passwords.ts";
import type { Store, User } from "./store.ts";

export type SignedIn = { session: IssuedSession; refusals?: undefined } | { refusals: Refusal[] };

type Needs = { pg: Postgres; store: Store; signer: Signer };

/** Opens an account and begins its first session. */
export async function signUp({ pg, store, signer }: Needs, input: SignUp): Promise<SignedIn> {
  const asked = { ...input, email: normaliseEmail(input.email), name: input.name.normalize("NFC").trim() };
  const refusals = checkSignUp(asked);
  if (refusals.length > 0) return { refusals };
  // Hashing costs more than all the rest: not for an e-mail that is taken anyway.
  if (await store.findUserByEmail(asked.email)) return emailTaken;
  const passwordHash = await hashPassword(asked.password);
  const session = await pg.transact(async (tx) => {
    const user = await register(store, tx, { ...asked, passwordHash, roles: ["CUSTOMER"] });
    return user && (await beginSession(store, signer, tx, user));
  });
  return session ? { session } : emailTaken;
}

/** Adds the user and tells of it; undefined if the e-mail is taken. */
export async function register(
  store: Store,
  tx: Tx,
  { email, name, passwordHash, roles }: { email: string; name: string; passwordHash: string; roles: Role[] },
): Promise<User | undefined> {
  const user = await store.insertUser(tx, { id: newId("usr"), email, name, passwordHash, roles });
  if (!user) return undefined;
  const { id: userId } = user;
  tx.publish(event("UserRegistered", { aggregateId: userId, version: 1, data: { userId, email, name } }));
  return user;
}

/** Begins a session for who knows e-mail and password. An unknown e-mail and a wrong password look alike. */
export async function logIn(
  { pg, store, signer }: Needs,
  input: { email: string; password: string },
): Promise<SignedIn> {
  // The password may be changed while its hash is compared: then it is compared with the new one.
  for (let tries = 1; tries <= 3; tries++) {
    const user = await store.findUserByEmail(normaliseEmail(input.email));
    if (!(await isPassword(input.password, user?.passwordHash)) || !user) break;
    const session = await pg.transact(async (tx) => {
      if (!(await store.holdPassword(tx, user))) return undefined;
      await store.endExpiredSessionsOf(tx, user.id);
      return await beginSession(store, signer, tx, user);
    });
    if (session) return { session };
  }
  return { refusals: [{ code: "BAD_CREDENTIALS", message: "E-mail or password is wrong." }] };
}

/**
 * Changes the password, ends all sessions, and begins one for the caller. Throws UNAUTHENTICATED where the caller's own
 * session (`sid`) has ended meanwhile, and changes nothing then; RATE_LIMITED where the user's current password was guessed at
 * so often that no guess is left.
 */
export async function changePassword(
  { pg, store, signer }: Needs,
  caller: { userId: string; sid?: string | undefined },
  ask: { currentPassword: string; newPassword: string },
): Promise<SignedIn & { ended?: string[] }> {
  const user = await store.findUser(caller.userId);
  if (!user) return wrongPassword;
  const waitS = await store.takeGuess(user.id);
  if (waitS > 0) throw tooManyGuesses(waitS);
  if (!(await isPassword(ask.currentPassword, user.passwordHash))) return wrongPassword;
  await store.giveGuessesBack(user.id);
  const refusals = checkPassword(ask.newPassword, user.email, ["newPassword"], user.name);
  if (refusals.length > 0) return { refusals };
  const passwordHash = await hashPassword(ask.newPassword);
  const changed = await pg.transact(async (tx) => {
    if (!(await store.replacePassword(tx, user, passwordHash))) return undefined;
    const ended = await store.endSessionsOf(tx, user.id);
    if (caller.sid !== undefined && !ended.includes(caller.sid)) throw unauthenticated();
    return { ended, session: await beginSession(store, signer, tx, user) };
  });
  return changed ?? wrongPassword;
}

function tooManyGuesses(retryAfterSeconds: number): GraphQLError {
  const message = `The current password was wrong too often: try again in ${retryAfterSeconds} s.`;
  return codedError("RATE_LIMITED", message, { retryAfterSeconds });
}

const emailTaken: SignedIn = {
  refusals: [
    { code: "EMAIL_TAKEN", message: "An account with this e-mail exists.", field: ["input", "email"] },
  ],
};
const wrongPassword: SignedIn = {
  refusals: [
    { code: "BAD_CREDENTIALS", message: "The current password is wrong.", field: ["currentPassword"] },
  ],
};
