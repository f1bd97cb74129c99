/** The sessions that have ended: their access tokens are refused although they have not expired. */
export interface RevokedSessions {
  has(sid: string | undefined): boolean;
  /** Refuses the access tokens of these sessions from now on. */
  add(sids: readonly string[]): void;
  /** Calls the listener once for each session, as soon as its end is known. */
  onRevoked(listener: (sid: string) => void): void;
}

/** Longer than any access token lives (15 minutes): after that the token is refused because it has expired. */
const keepMs = 16 * 60_000;

export function revokedSessions(): RevokedSessions {
  const keptUntil = new Map<string, number>();
  const listeners: ((sid: string) => void)[] = [];
  return {
    has: (sid) => sid !== undefined && keptUntil.has(sid),
    add(sids) {
      const now = Date.now();
      // A Map iterates in the order of insertion, so the oldest come first.
      for (const [sid, until] of keptUntil) {
        if (until > now) break;
        keptUntil.delete(sid);
      }
      for (const sid of sids) {
        if (keptUntil.has(sid)) continue;
        keptUntil.set(sid, now + keepMs);
        for (const listener of listeners) listener(sid);
      }
    },
    onRevoked: (listener) => void listeners.push(listener),
  };
}
