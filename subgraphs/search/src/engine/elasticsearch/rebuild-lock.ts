import { randomUUID } from "node:crypto";
import { errors, type Client } from "@elastic/elasticsearch";

/** The exclusive right to create and fill indices. Its holder renews it by heartbeats, so a killed instance loses it. */
export type RebuildLock = AsyncDisposable;

type LockVersion = { seqNo: number; primaryTerm: number };
type SeenLock = LockVersion & { by: string; sinceMs: number };

const id = "claim";

/**
 * The lock is a document that its holder rewrites at each heartbeat. An instance that has seen it unchanged for
 * `lockTimeoutMs`, by its own clock, may take it over.
 */
export function rebuildLock(client: Client, index: string, lockTimeoutMs: number) {
  let seen: SeenLock | undefined;
  const read = async (): Promise<SeenLock | undefined> => {
    const { docs } = await client.mget<{ by: string }>({ index, ids: [id] });
    const found = docs[0];
    if (!found || "error" in found || !found.found) return (seen = undefined);
    const { _seq_no: seqNo = 0, _primary_term: primaryTerm = 0, _source } = found;
    if (seqNo !== seen?.seqNo || primaryTerm !== seen.primaryTerm)
      seen = { seqNo, primaryTerm, by: _source?.by ?? "", sinceMs: performance.now() };
    return seen;
  };
  const isExpired = ({ sinceMs }: SeenLock) => performance.now() - sinceMs > lockTimeoutMs;
  // Undefined if another instance has it now.
  const write = async (by: string, over: LockVersion | undefined): Promise<LockVersion | undefined> => {
    const as = over
      ? { if_seq_no: over.seqNo, if_primary_term: over.primaryTerm }
      : { op_type: "create" as const };
    try {
      const written = await client.index({ index, id, document: { kind: "claim", by }, ...as });
      return { seqNo: written._seq_no ?? 0, primaryTerm: written._primary_term ?? 0 };
    } catch (error) {
      if (!(error instanceof errors.ResponseError && error.statusCode === 409)) throw error;
      // It is our own write if the answer was lost and the client sent it again.
      const now = await read();
      return now?.by === by ? now : undefined;
    }
  };

  return {
    /** Whether an instance holds it and its heartbeat is recent. */
    async isHeld(): Promise<boolean> {
      const now = await read();
      return now !== undefined && !isExpired(now);
    },
    /** Acquires it if it is free or expired; undefined otherwise. */
    async acquire(): Promise<RebuildLock | undefined> {
      const before = await read();
      if (before && !isExpired(before)) return undefined;
      const by = randomUUID();
      let held = await write(by, before);
      if (!held) return undefined;
      let renewing = Promise.resolve();
      const renew = async () => {
        // A lost lock stays lost; while Elasticsearch doesn't answer, it may still be ours.
        if (held) held = await write(by, held).catch(() => held);
      };
      const timer = setInterval(() => void (renewing = renewing.then(renew)), lockTimeoutMs / 5);
      timer.unref();
      return {
        async [Symbol.asyncDispose]() {
          clearInterval(timer);
          await renewing;
          if (!held) return;
          const { seqNo: if_seq_no, primaryTerm: if_primary_term } = held;
          // If the deletion fails, the lock expires.
          await client.delete({ index, id, if_seq_no, if_primary_term }).catch(() => undefined);
        },
      };
    },
  };
}
