import type { Context, Identity } from "@shop/service";
import type { IssuedSession } from "./issue-session.ts";

/**
 * What a field of a mutation did to sessions, for the gateway alone: it travels in the answer's extensions, which clients
 * can neither see nor alias. `field` is the field's name in the answer.
 */
export type SessionNews = { field: string; accessToken: string | null; ended: string[] };

/**
 * The fields after this one run as who it signed in; as a guest after it has ended the caller's own session. Here in the
 * same request, and by the news in what the gateway asks of other services.
 */
export function followOn(
  context: Context,
  field: string | number,
  { session, ended = [] }: { session?: IssuedSession | undefined; ended?: string[] },
): void {
  if (!session && ended.length === 0) return;
  const { identity } = context;
  if (session) context.identity = identityOf(session, identity.requestId);
  else if (identity.kind === "user" && identity.sid !== undefined && ended.includes(identity.sid))
    context.identity = { kind: "guest", requestId: identity.requestId };
  const news: SessionNews = { field: String(field), accessToken: session?.accessToken ?? null, ended };
  const earlier = (context.extensions?.["sessions"] ?? []) as SessionNews[];
  context.extensions = { ...context.extensions, sessions: [...earlier, news] };
}

function identityOf({ user, sid }: IssuedSession, requestId: string | undefined): Identity {
  const { id: userId, roles, email } = user;
  return { kind: "user", userId, roles, email, sid, requestId };
}
