import type { Postgres, Tx } from "@shop/service";
import { secretId } from "@shop/values";
import type { Signer } from "./access-token.ts";
import { firstToken, presentToken, sidOf } from "./domain/refresh-token.ts";
import type { Store, User } from "./store.ts";

export type IssuedSession = {
  accessToken: string;
  refreshToken: string;
  expiresAt: Date;
  user: User;
  /** What access tokens call the session. */
  sid: string;
};

/** Begins a session for the user, whose row the transaction holds, so that no change of password is overtaken. */
export async function beginSession(store: Store, signer: Signer, tx: Tx, user: User): Promise<IssuedSession> {
  const now = new Date();
  const id = secretId("ses");
  const sid = sidOf(id);
  const refreshToken = firstToken(id);
  await store.insertSession(tx, id, user.id, refreshToken, now);
  return { ...(await signer.sign(user, sid, now)), refreshToken, user, sid };
}

/** Swaps a refresh token for a new session, or tells which session it has ended: none where there is none any more. */
export async function refreshSession(
  pg: Postgres,
  store: Store,
  signer: Signer,
  token: string,
): Promise<{ session: IssuedSession } | { session?: undefined; ended: string[] }> {
  const now = new Date();
  return await pg.transact(async (tx) => {
    const family = await store.lockSession(tx, token);
    const { decision, newest } = presentToken(family, token, { now, key: signer.successorKey });
    if (!family || newest === undefined) {
      return { ended: family && decision === "revoke" ? await store.endSession(tx, family.id) : [] };
    }
    if (decision === "rotate") await store.rotateToken(tx, family.id, token, newest, now);
    const { id, user } = family;
    const sid = sidOf(id);
    return { session: { ...(await signer.sign(user, sid, now)), refreshToken: newest, user, sid } };
  });
}

/** Ends the session that the token names, and tells which. A token that was used up long ago still means the same session. */
export async function endSession(pg: Postgres, store: Store, token: string): Promise<string[]> {
  return await pg.transact(async (tx) => {
    const session = await store.lockSession(tx, token);
    return session ? await store.endSession(tx, session.id) : [];
  });
}
