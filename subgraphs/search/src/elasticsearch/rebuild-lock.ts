import { randomUUID } from "node:crypto";
import { errors, type Client } from "@elastic/elasticsearch";

/** The right to make indices, of one instance at a time: kept by signs of life, so that who is killed loses it. */
export type RebuildLock = AsyncDisposable;

type LockVersion = { seqNo: number; primaryTerm: number };
type SeenLock = LockVersion & { by: string; sinceMs: number };

const id = "claim";

/**
 * A document that whoever holds the claim writes anew again and again. When it stays as it is for `silentMs` by the clock
 * of who looks, it may be taken over.
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
  // Undefined when somebody else has it now.
  const write = async (by: string, over: LockVersion | undefined): Promise<LockVersion | undefined> => {
    const as = over
      ? { if_seq_no: over.seqNo, if_primary_term: over.primaryTerm }
      : { op_type: "create" as const };
    try {
      const written = await client.index({ index, id, document: { kind: "claim", by }, ...as });
      return { seqNo: written._seq_no ?? 0, primaryTerm: written._primary_term ?? 0 };
    } catch (error) {
      if (!(error instanceof errors.ResponseError && error.statusCode === 409)) throw error;
      // Our own, when its answer was lost and it was sent again.
      const now = await read();
      return now?.by === by ? now : undefined;
    }
  };

  return {
    /** Whether anybody holds it and gives signs of life. */
    async isHeld(): Promise<boolean> {
      const now = await read();
      return now !== undefined && !isExpired(now);
    },
    /** Takes it if nobody has it, or who has it is silent. */
    async acquire(): Promise<RebuildLock | undefined> {
      const before = await read();
      if (before && !isExpired(before)) return undefined;
      const by = randomUUID();
      let held = await write(by, before);
      if (!held) return undefined;
      let renewing = Promise.resolve();
      const renew = async () => {
        // One that was lost stays lost; one that Elasticsearch doesn't answer for now may still be ours.
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
          // What is left of it is silent from now on.
          await client.delete({ index, id, if_seq_no, if_primary_term }).catch(() => undefined);
        },
      };
    },
  };
}
