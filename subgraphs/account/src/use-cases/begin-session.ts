import type { Tx } from "@shop/service";
import { secretId } from "@shop/values";
import type { Deps } from "../deps.ts";
import { firstToken, sidOf } from "../domain/refresh-token.ts";
import type { UserError } from "../domain/user-error.ts";
import type { User } from "../store.ts";

export type IssuedSession = {
  accessToken: string;
  refreshToken: string;
  expiresAt: Date;
  user: User;
  /** The session's id in access tokens. */
  sid: string;
};

/** The session that a mutation began, or its user errors; `ended`: the `sid`s of the sessions that it ended. */
export type SessionResult = { ended?: string[] } & (
  { session: IssuedSession; errors?: undefined } | { errors: UserError[]; session?: undefined }
);

/** Begins a session. The transaction holds a lock on the user's row, so that a change of password ends this session too. */
export async function beginSession(
  { store, signer }: Pick<Deps, "store" | "signer">,
  tx: Tx,
  user: User,
): Promise<IssuedSession> {
  const now = new Date();
  const id = secretId("ses");
  const sid = sidOf(id);
  const refreshToken = firstToken(id);
  await store.insertSession(tx, id, user.id, refreshToken, now);
  return { ...(await signer.sign(user, sid, now)), refreshToken, user, sid };
}
