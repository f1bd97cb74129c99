import type { Logger } from "pino";
import { z } from "zod";
import type { RequestContext } from "../request-context.ts";
import { guest, type Caller } from "./caller.ts";
import type { EndedSessions } from "./revoked-sessions.ts";
import type { VerifyToken } from "./verify-token.ts";

/** Reads what an answer of account says of sessions; what follows in the operation runs as the caller that this makes. */
export type TakeSessionNews = (answer: object, context: RequestContext) => Promise<void>;

/** What one root field did: whom it signed in, and which sessions it ended. */
const newsOf = z.object({
  extensions: z.object({
    sessions: z.array(
      z.object({ field: z.string(), accessToken: z.string().nullable(), ended: z.array(z.string()) }),
    ),
  }),
});

/**
 * Account writes the news into its answer's extensions, never into the data, which a client may alias or leave out. A new
 * caller is believed because the gateway verifies the token that was issued, as it would the client's own.
 */
export function sessionNews(verify: VerifyToken, ended: EndedSessions, log: Logger): TakeSessionNews {
  return async (answer, context) => {
    const read = newsOf.safeParse(answer);
    if (!read.success) return;
    const news = Map.groupBy(read.data.extensions.sessions, ({ field }) => field);
    const data: unknown = Reflect.get(answer, "data");
    // Root fields of a mutation are carried out, and stand in the answer, in the order in which the client wrote them.
    const fields = data ? Object.keys(data) : [...news.keys()];
    for (const field of fields) {
      for (const { accessToken, ended: gone } of news.get(field) ?? []) {
        ended.add(gone);
        const { caller } = context;
        if (accessToken !== null) context.caller = (await signedIn(accessToken, context)) ?? caller;
        else if (caller.kind === "user" && ended.has(caller.sid)) context.caller = context.guest ?? guest;
      }
      (context.callers ??= new Map()).set(field, context.caller);
    }
  };

  async function signedIn(accessToken: string, context: RequestContext): Promise<Caller | undefined> {
    const { caller, refusal } = await verify(`Bearer ${accessToken}`);
    if (refusal) {
      log.warn(
        { refusal },
        "account issued a token that this gateway refuses: compare its JWKS with account's key",
      );
      return undefined;
    }
    (context.signedIn ??= []).push(caller);
    return caller;
  }
}

/** Who a fetch at this place of an operation runs as. */
export function callerAt(context: RequestContext, path: readonly (string | number)[]): Caller {
  return context.callers?.get(String(path[0])) ?? context.caller;
}
