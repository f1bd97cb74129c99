import type { Client } from "@elastic/elasticsearch";
import { poll } from "../poll.ts";
import { applyChange, readVocabulary, type IndexSummary } from "./read-vocabulary.ts";
import type { Change } from "./write-elastic.ts";

const pollEveryMs = 1_000;
/** What others wrote is read with the whole index: so seldom that it takes a twentieth of the time at most. */
const restAtLeastMs = 5_000;
const restTimes = 20;

type Deps = {
  client: Client;
  /** The index whose words they are. */
  index: string;
  /** The index that has the mark by which instances tell each other that they have written. */
  marks: string;
  /** Makes what isn't there. */
  prepare: () => Promise<void>;
  ensureMarks: () => Promise<void>;
  /** Acts when no write is under way. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Another instance has written. */
  onForeignChange: () => void;
};

/**
 * The words of the index, as this instance knows them: its own changes at once, those of other instances when it has read
 * the index again, behind the searches.
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
      // Own changes are either in what is read, or kept for afterwards.
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
  const polling = poll(pollEveryMs, check);

  const get = (): Promise<IndexSummary> => {
    // Remembered once it worked; after a failure the next call tries again.
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
  // Without waiting: who has written is done.
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
    /** Takes in what this instance has written; `isAll` is false when it may have written more. */
    async apply(changes: readonly Change[], isAll: boolean): Promise<void> {
      const summary = await get();
      for (const change of changes) applyChange(summary, change);
      if (isReloading) missed.push(...changes);
      if (!isAll) isStale = true;
      writeMark();
    },
    /** Takes the words of a new index, which has taken the place of this one. */
    replace(summary: IndexSummary): void {
      reading = Promise.resolve(summary);
      writeMark();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      polling[Symbol.dispose]();
      await writingMark;
    },
  };
}

const mark = "mark";
