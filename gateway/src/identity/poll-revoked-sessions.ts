import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import type { SubgraphConnection } from "../subgraphs/connection.ts";
import { guest } from "./caller.ts";
import type { EndedSessions } from "./revoked-sessions.ts";
import type { SignCaller } from "./sign-caller.ts";

const query = `query ($since: DateTime) { endedSessions(since: $since) { sids cursor } }`;
const answered = z.object({
  data: z.object({ endedSessions: z.object({ sids: z.array(z.string()), cursor: z.string() }) }),
});

export interface SessionWatch {
  /** Settles after the first look, whether account answered or not. */
  firstLook: Promise<void>;
  stop(): void;
}

/**
 * Asks account each second which sessions have ended since the last look, wherever that was asked for; the first look goes
 * back as far as access tokens live. While account can't be reached, tokens are believed until they expire: refusing all of
 * them would turn its outage into everybody's, and hardly a session can end while it is away.
 */
export function watchEndedSessions({
  account,
  sign,
  ended,
  log,
  everyMs = 1_000,
}: {
  account: SubgraphConnection;
  sign: SignCaller;
  ended: EndedSessions;
  log: Logger;
  everyMs?: number;
}): SessionWatch {
  const stopping = new AbortController();
  let since: string | undefined;
  let warnAt = 0;

  const look = async () => {
    try {
      const body = JSON.stringify({ query, variables: { since } });
      const { sids, cursor } = answered.parse(await account.post(body, sign(guest, "account"), 2_000).answer)
        .data.endedSessions;
      ended.add(sids);
      since = cursor;
      warnAt = 0;
    } catch (error) {
      if (stopping.signal.aborted || Date.now() < warnAt) return;
      warnAt = Date.now() + 60_000;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(
        { reason },
        "account does not say which sessions ended: their tokens are good until they expire",
      );
    }
  };
  const firstLook = look();
  void firstLook.then(async () => {
    while (!stopping.signal.aborted) {
      await wait(everyMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      if (!stopping.signal.aborted) await look();
    }
  });
  return { firstLook, stop: () => stopping.abort() };
}
