import { event, type Role, type Tx } from "@shop/service";
import { newId, normalText, userError } from "@shop/values";
import type { Deps } from "../deps.ts";
import { checkSignUp, normaliseEmail, type SignUp } from "../domain/check-sign-up.ts";
import { hashPassword } from "../password-hash.ts";
import type { Store, User } from "../store.ts";
import { beginSession, type SessionResult } from "./begin-session.ts";

/** Registers a user and begins their first session. */
export async function signUp(deps: Deps, input: SignUp): Promise<SessionResult> {
  const { pg, store } = deps;
  const { password } = input;
  const person = { email: normaliseEmail(input.email), name: normalText(input.name) };
  const errors = checkSignUp({ ...person, password });
  if (errors.length > 0) return { errors };
  // Checks the e-mail first, because hashing the password costs more than all the rest.
  if (await store.findUserByEmail(person.email)) return emailTaken;
  const passwordHash = await hashPassword(password);
  const session = await pg.transact(async (tx) => {
    const user = await register(store, tx, { ...person, passwordHash, roles: ["CUSTOMER"] });
    return user && (await beginSession(deps, tx, user));
  });
  return session ? { session } : emailTaken;
}

/** Inserts the user and publishes UserRegistered; undefined if the e-mail is taken. */
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

const emailTaken: SessionResult = {
  errors: [userError("EMAIL_TAKEN", "An account with this e-mail exists.", ["input", "email"])],
};
