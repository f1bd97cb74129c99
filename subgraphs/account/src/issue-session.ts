import type { Postgres, Tx } from "@shop/service";
import { secretId } from "@shop/values";
import type { Signer } from "./access-token.ts";
import { decideRefresh, firstToken, successorOf } from "./domain/refresh-token.ts";
import type { Store, User } from "./store.ts";

export type IssuedSession = { accessToken: string; refreshToken: string; expiresAt: Date; user: User };

/** Begins a session for the user. */
export async function beginSession(store: Store, signer: Signer, tx: Tx, user: User): Promise<IssuedSession> {
  const id = secretId("ses");
  const refreshToken = firstToken(id);
  await store.insertSession(tx, id, user.id, refreshToken, new Date());
  return { ...(await signer.sign(user)), refreshToken, user };
}

/** Swaps a refresh token for a new session; undefined where it is worth nothing any more. */
export async function refreshSession(
  pg: Postgres,
  store: Store,
  signer: Signer,
  token: string,
  now = new Date(),
): Promise<IssuedSession | undefined> {
  const refreshed = await pg.transact(async (tx) => {
    const session = await store.lockSession(tx, token);
    const decision = decideRefresh(session, now);
    if (!session || decision === "refuse") return undefined;
    if (decision === "revoke") {
      await store.endSession(tx, session.id);
      return undefined;
    }
    const successor = successorOf(token, session.id, signer.successorKey);
    if (decision === "rotate") await store.rotateToken(tx, session.id, token, successor, now);
    return { user: session.user, refreshToken: successor };
  });
  return refreshed && { ...(await signer.sign(refreshed.user)), ...refreshed };
}

/** Ends the session that the token belongs to, if it does. */
export async function endSession(pg: Postgres, store: Store, token: string): Promise<void> {
  await pg.transact(async (tx) => {
    const session = await store.lockSession(tx, token);
    if (session?.token) await store.endSession(tx, session.id);
  });
}
