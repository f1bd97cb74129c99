import { createHash, createHmac, randomBytes } from "node:crypto";

/** The life of a session after its last refresh: 30 days. */
export const sessionLifeMs = 30 * 24 * 3600 * 1000;

/** The time after its use in which a token still gives its successor again, for a phone that lost the answer. */
export const graceMs = 30_000;

/** The first refresh token of a session. Tokens name their session, so that a stolen token ends it also after its row was deleted. */
export function firstToken(sessionId: string): string {
  return `${sessionId}.${randomBytes(32).toString("base64url")}`;
}

/** The next token: computed from the one before, so that it can be given again although only its hash is stored. */
export function successorOf(token: string, sessionId: string, key: Buffer): string {
  return `${sessionId}.${createHmac("sha256", key).update(token).digest("base64url")}`;
}

export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** The session's id in access tokens: a digest, because a made-up refresh token with the id itself would end the session. */
export function sidOf(sessionId: string): string {
  return createHash("sha256").update(sessionId).digest("base64url");
}

/** The session that a token names; undefined for a text that isn't of a token's form. */
export function sessionOf(token: string): string | undefined {
  return /^(ses_[0-9a-z]{26})\.[\w-]{43}$/.exec(token)?.[1];
}

export type Presented = { expiresAt: Date; token: { usedAt: Date | null } | undefined };

/**
 * Decides about a presented token: `rotate` (its first use), `repeat` (used within the grace), `revoke` (used before the grace,
 * or its row was deleted: a second holder has it, so the session ends for both), `refuse` (the session has ended).
 */
export function decideRefresh(
  session: Presented | undefined,
  now: Date,
): "rotate" | "repeat" | "revoke" | "refuse" {
  if (!session || session.expiresAt <= now) return "refuse";
  if (!session.token) return "revoke";
  const { usedAt } = session.token;
  if (!usedAt) return "rotate";
  return now.getTime() - usedAt.getTime() <= graceMs ? "repeat" : "revoke";
}

/** A session with its refresh tokens: by hash, the time of their use, null for the unused token. */
export type Family = { id: string; expiresAt: Date; usedAt: ReadonlyMap<string, Date | null> };

/**
 * Decides about a presented token, and gives the token to answer: always the family's newest, so that several tabs that
 * refresh at once all get the one token that is still valid.
 */
export function presentToken(
  family: Family | undefined,
  token: string,
  { now, key }: { now: Date; key: Buffer },
): { decision: "rotate" | "repeat"; newest: string } | { decision: "revoke" | "refuse"; newest?: undefined } {
  const usedAt = family?.usedAt.get(hashOf(token));
  const presented = family && {
    expiresAt: family.expiresAt,
    token: usedAt === undefined ? undefined : { usedAt },
  };
  const decision = decideRefresh(presented, now);
  if (!family || decision === "refuse" || decision === "revoke")
    return { decision: decision === "revoke" ? "revoke" : "refuse" };
  let newest = successorOf(token, family.id, key);
  while (family.usedAt.get(hashOf(newest))) newest = successorOf(newest, family.id, key);
  return { decision, newest };
}
