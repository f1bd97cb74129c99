import { pollLoop } from "@shop/service/poll-loop";
import type { Logger } from "pino";
import { z } from "zod";
import { guest } from "./caller.ts";
import type { RevokedSessions } from "./revoked-sessions.ts";
import type { SignCaller } from "./sign-caller.ts";

const query = `query ($since: DateTime) { endedSessions(since: $since) { sids cursor } }`;
const answered = z.object({
  data: z.object({ endedSessions: z.object({ sids: z.array(z.string()), cursor: z.string() }) }),
});

export interface RevocationPoll {
  /** Settles after the first poll, whether account answered or not. */
  firstPoll: Promise<void>;
  stop(): void;
}

/**
 * Polls account each second for the sessions that have ended, by whichever gateway; the first poll reads back as far as
 * access tokens live. While account can't be reached, tokens are accepted until they expire: refusing all of them would turn
 * account's outage into one of the shop, and hardly a session can end during it.
 */
export function pollRevokedSessions({
  account,
  sign,
  revoked,
  log,
  everyMs = 1_000,
}: {
  account: { post(body: string, identity: string, timeoutMs: number): { answer: Promise<unknown> } };
  sign: SignCaller;
  revoked: RevokedSessions;
  log: Logger;
  everyMs?: number;
}): RevocationPoll {
  const firstPoll = Promise.withResolvers<void>();
  let since: string | undefined;
  let warnAt = 0;

  const poll = async () => {
    const body = JSON.stringify({ query, variables: { since } });
    const { sids, cursor } = answered.parse(await account.post(body, sign(guest, "account"), 2_000).answer)
      .data.endedSessions;
    revoked.add(sids);
    since = cursor;
    warnAt = 0;
  };
  const onError = (error: unknown) => {
    if (Date.now() < warnAt) return;
    warnAt = Date.now() + 60_000;
    const reason = error instanceof Error ? error.message : String(error);
    log.warn(
      { reason },
      "account does not answer which sessions ended: their tokens are accepted until they expire",
    );
  };
  const loop = pollLoop({ everyMs, onError }, () => poll().finally(() => firstPoll.resolve()));
  return { firstPoll: firstPoll.promise, stop: () => void loop[Symbol.asyncDispose]() };
}
