import { userError } from "@shop/values";
import type { Deps } from "../deps.ts";
import { presentToken, sidOf } from "../domain/refresh-token.ts";
import type { SessionResult } from "./begin-session.ts";

/** Exchanges a refresh token for new tokens of its session; a token that shows theft ends the session instead. */
export async function refreshSession({ pg, store, signer }: Deps, token: string): Promise<SessionResult> {
  const now = new Date();
  return await pg.transact(async (tx) => {
    const family = await store.lockSession(tx, token);
    const { decision, newest } = presentToken(family, token, { now, key: signer.successorKey });
    if (!family || newest === undefined) {
      const ended = family && decision === "revoke" ? await store.endSession(tx, family.id) : [];
      return { errors: [tokenExpired], ended };
    }
    if (decision === "rotate") await store.rotateToken(tx, family.id, token, newest, now);
    const { id, user } = family;
    const sid = sidOf(id);
    return { session: { ...(await signer.sign(user, sid, now)), refreshToken: newest, user, sid } };
  });
}

const tokenExpired = userError("TOKEN_EXPIRED", "This session has ended. Log in again.", ["refreshToken"]);
