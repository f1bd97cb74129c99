import type { Context, Identity } from "@shop/service";
import type { IssuedSession, SessionResult } from "./begin-session.ts";

/**
 * The session change of one mutation field, for the gateway alone: it is in the answer's extensions, which clients can neither
 * read nor alias. `field` is the field's name in the answer.
 */
export type SessionChange = { field: string; accessToken: string | null; ended: string[] };

/**
 * The fields after this one run as the user that it signed in, or as a guest after it has ended the caller's own session: here
 * within the same request, and in other services because the gateway reads the change.
 */
export function applySessionChange(
  context: Context,
  field: string | number,
  { session, ended = [] }: SessionResult,
): void {
  if (!session && ended.length === 0) return;
  const { identity } = context;
  if (session) context.identity = identityOf(session, identity.proofScope);
  else if (identity.kind === "user" && identity.sid !== undefined && ended.includes(identity.sid))
    context.identity = { kind: "guest", proofScope: identity.proofScope };
  const change: SessionChange = { field: String(field), accessToken: session?.accessToken ?? null, ended };
  const earlier = (context.extensions?.["sessions"] ?? []) as SessionChange[];
  context.extensions = { ...context.extensions, sessions: [...earlier, change] };
}

function identityOf({ user, sid }: IssuedSession, proofScope: string | undefined): Identity {
  const { id: userId, roles, email } = user;
  return { kind: "user", userId, roles, email, sid, proofScope };
}
