/** The sessions whose access tokens are refused although they have not expired. */
export interface EndedSessions {
  has(sid: string | undefined): boolean;
  /** Refuses their access tokens from now on. */
  add(sids: readonly string[]): void;
  /** Called once for each, as soon as its end is known. */
  onEnd(listener: (sid: string) => void): void;
}

/** Longer than any access token lives (15 minutes): after that the token is refused because it has expired. */
const rememberMs = 16 * 60_000;

export function endedSessions(): EndedSessions {
  const until = new Map<string, number>();
  const listeners: ((sid: string) => void)[] = [];
  return {
    has: (sid) => sid !== undefined && until.has(sid),
    add(sids) {
      const now = Date.now();
      // In the order in which they were added, so the oldest come first.
      for (const [sid, forgetAt] of until) {
        if (forgetAt > now) break;
        until.delete(sid);
      }
      for (const sid of sids) {
        if (until.has(sid)) continue;
        until.set(sid, now + rememberMs);
        for (const listener of listeners) listener(sid);
      }
    },
    onEnd: (listener) => void listeners.push(listener),
  };
}
