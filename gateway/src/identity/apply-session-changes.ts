import type { Logger } from "pino";
import { z } from "zod";
import { guest, type Caller, type OperationCallers } from "./caller.ts";
import type { RevokedSessions } from "./revoked-sessions.ts";
import type { VerifyToken } from "./verify-token.ts";

/** Applies what a write at account did to sessions: the fields that follow in the operation run as the new caller. */
export type ApplySessionChanges = (answer: object, callers: OperationCallers) => Promise<void>;

/** For each root field, the token of the caller whom it signed in, and the sessions that it ended. */
const changesIn = z.object({
  extensions: z.object({
    sessions: z.array(
      z.object({ field: z.string(), accessToken: z.string().nullable(), ended: z.array(z.string()) }),
    ),
  }),
});

/**
 * Account writes the changes into its answer's extensions, never into the data, which a client may alias or leave out. The
 * new caller is trusted because the gateway verifies the issued token as it would the client's own.
 */
export function sessionChanges(
  verify: VerifyToken,
  revoked: RevokedSessions,
  log: Logger,
): ApplySessionChanges {
  return async (answer, callers) => {
    const read = changesIn.safeParse(answer);
    if (!read.success) return;
    const changes = Map.groupBy(read.data.extensions.sessions, ({ field }) => field);
    const data: unknown = Reflect.get(answer, "data");
    // Root fields of a mutation run, and stand in the answer, in the order in which the client wrote them.
    const fields = data ? Object.keys(data) : [...changes.keys()];
    for (const field of fields) {
      for (const { accessToken, ended } of changes.get(field) ?? []) {
        revoked.add(ended);
        const { caller } = callers;
        if (accessToken !== null) callers.caller = (await signedIn(accessToken, callers)) ?? caller;
        else if (caller.kind === "user" && revoked.has(caller.sid))
          callers.caller = callers.guestAfterLogOut ?? guest;
      }
      (callers.callersByField ??= new Map()).set(field, callers.caller);
    }
  };

  async function signedIn(accessToken: string, callers: OperationCallers): Promise<Caller | undefined> {
    const { caller, refusal } = await verify(`Bearer ${accessToken}`);
    if (refusal) {
      log.warn(
        { refusal },
        "account issued a token that this gateway refuses: compare its JWKS with account's key",
      );
      return undefined;
    }
    (callers.signedIn ??= []).push(caller);
    return caller;
  }
}

/** The caller of a fetch at this path of the operation. */
export function callerAt(callers: OperationCallers, path: readonly (string | number)[]): Caller {
  return callers.callersByField?.get(String(path[0])) ?? callers.caller;
}
