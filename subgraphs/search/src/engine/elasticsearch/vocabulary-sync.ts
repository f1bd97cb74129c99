import type { Client } from "@elastic/elasticsearch";
import { pollLoop } from "@shop/service";
import { applyChange, readVocabulary, type IndexSummary } from "./read-vocabulary.ts";
import type { Change } from "./write-elastic.ts";

const pollEveryMs = 1_000;
/** The writes of other instances are read with the whole index, at most every 5 seconds and for a twentieth of the time. */
const restAtLeastMs = 5_000;
const restTimes = 20;

type Deps = {
  client: Client;
  /** The index with the products. */
  index: string;
  /** The index with the mark, a document that an instance rewrites after each write, so that others notice it. */
  marks: string;
  /** Creates missing indices. */
  prepare: () => Promise<void>;
  ensureMarks: () => Promise<void>;
  /** Runs the work when no write is under way. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Another instance has written. */
  onForeignChange: () => void;
};

/**
 * Keeps this instance's vocabulary in sync with the index: its own changes at once, those of other instances by reading the
 * index again in the background.
 */
export function vocabularySync({
  client,
  index,
  marks,
  prepare,
  ensureMarks,
  inTurn,
  onForeignChange,
}: Deps) {
  let reading: Promise<IndexSummary> | undefined;
  let isReloading = false;
  let missed: Change[] = [];
  let isStale = false;
  let readAt = 0;
  let tookMs = 0;
  let seenVersion: number | undefined;
  let writingMark: Promise<void> = Promise.resolve();
  let isMarkDue = false;

  const noticed = (version: number, isOwn: boolean) => {
    const isForeign = seenVersion !== undefined && version !== seenVersion + (isOwn ? 1 : 0);
    seenVersion = version;
    if (!isForeign) return;
    isStale = true;
    onForeignChange();
  };
  const readMark = async () => {
    const { docs } = await client.mget({ index: marks, ids: [mark], _source: false });
    const found = docs[0];
    noticed((found && "_version" in found && found._version) || 0, false);
  };
  const read = async (open?: Deps["inTurn"]): Promise<IndexSummary> => {
    const begunAt = performance.now();
    const summary = await readVocabulary(client, index, open);
    readAt = performance.now();
    tookMs = readAt - begunAt;
    return summary;
  };
  const reload = async () => {
    isStale = false;
    isReloading = true;
    const before = reading;
    try {
      // An own change is either in the pages that are read, or kept to be applied afterwards.
      const summary = await read((open) =>
        inTurn(() => {
          missed = [];
          return open();
        }),
      );
      for (const change of missed) applyChange(summary, change);
      if (reading === before) reading = Promise.resolve(summary);
    } catch {
      isStale = true;
    } finally {
      isReloading = false;
      missed = [];
    }
  };
  const check = async () => {
    if (!reading) return;
    await writingMark;
    await readMark();
    const restMs = Math.max(restAtLeastMs, tookMs * restTimes);
    if (isStale && performance.now() - readAt > restMs) await reload();
  };
  // A failed check is repeated by the next one.
  const polling = pollLoop({ everyMs: pollEveryMs, onError: () => undefined }, check);

  const get = (): Promise<IndexSummary> => {
    // A success is kept; after a failure the next call tries again.
    reading ??= (async () => {
      await prepare();
      await readMark();
      return read();
    })().catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
  // In the background: the write itself is done.
  const writeMark = () => {
    if (isMarkDue) return;
    isMarkDue = true;
    writingMark = writingMark
      .then(async () => {
        isMarkDue = false;
        await ensureMarks();
        const { _version } = await client.index({ index: marks, id: mark, document: { kind: "mark" } });
        noticed(_version, true);
      })
      .catch(() => undefined);
  };

  return {
    get,
    /** Applies the writes of this instance; `isAll` is false if it may have written more. */
    async apply(changes: readonly Change[], isAll: boolean): Promise<void> {
      const summary = await get();
      for (const change of changes) applyChange(summary, change);
      if (isReloading) missed.push(...changes);
      if (!isAll) isStale = true;
      writeMark();
    },
    /** Replaces the vocabulary by that of a rebuilt index. */
    replace(summary: IndexSummary): void {
      reading = Promise.resolve(summary);
      writeMark();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      // A reload of a large index may take a minute, so it isn't waited for: it fails when the client is closed.
      void polling[Symbol.asyncDispose]();
      await writingMark;
    },
  };
}

const mark = "mark";
