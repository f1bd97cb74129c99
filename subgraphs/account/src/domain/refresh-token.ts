import { createHash, createHmac, randomBytes } from "node:crypto";

/** How long a session lives without being refreshed: 30 days. */
export const sessionLifeMs = 30 * 24 * 3600 * 1000;

/** How long a used token still gives its successor again, for a phone that lost the answer. */
export const graceMs = 30_000;

/** A refresh token names its session, so that a stolen one can end it even when it is long forgotten. */
export function firstToken(sessionId: string): string {
  return `${sessionId}.${randomBytes(32).toString("base64url")}`;
}

/** The one token that follows: computed, so that it can be given again while only its hash is kept. */
export function successorOf(token: string, sessionId: string, key: Buffer): string {
  return `${sessionId}.${createHmac("sha256", key).update(token).digest("base64url")}`;
}

export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** What access tokens call a session: no refresh token can be made up from it, which would end the session. */
export function sidOf(sessionId: string): string {
  return createHash("sha256").update(sessionId).digest("base64url");
}

/** The session that a token names, if it has a token's form. */
export function sessionOf(token: string): string | undefined {
  return /^(ses_[0-9a-z]{26})\.[\w-]{43}$/.exec(token)?.[1];
}

export type Presented = { expiresAt: Date; token: { usedAt: Date | null } | undefined };

/**
 * What a presented token leads to: `rotate` (its first use), `repeat` (used within the grace), `revoke` (used before, or
 * forgotten: someone else has it as well, so the session ends for all), `refuse` (there is no such session any more).
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

/** A session, and when each of its refresh tokens was used, by the token's hash: null for the one that wasn't yet. */
export type Family = { id: string; expiresAt: Date; usedAt: ReadonlyMap<string, Date | null> };

/**
 * What a presented token leads to, with the token to answer: always the family's newest, so that several tabs that refresh
 * at once all end up with the one token that is still good.
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
