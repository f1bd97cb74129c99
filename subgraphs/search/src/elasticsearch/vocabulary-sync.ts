import type { Client } from "@elastic/elasticsearch";
import { poll } from "../poll.ts";
import { applyChange, readVocabulary, type IndexSummary } from "./read-vocabulary.ts";
import type { Change } from "./write-elastic.ts";

const lookEveryMs = 1_000;
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
  let isReadingAgain = false;
  let missed: Change[] = [];
  let areOld = false;
  let readAt = 0;
  let tookMs = 0;
  let seen: number | undefined;
  let telling: Promise<void> = Promise.resolve();
  let isToTell = false;

  const noticed = (version: number, isOwn: boolean) => {
    const isForeign = seen !== undefined && version !== seen + (isOwn ? 1 : 0);
    seen = version;
    if (!isForeign) return;
    areOld = true;
    onForeignChange();
  };
  const lookAtMark = async () => {
    const { docs } = await client.mget({ index: marks, ids: [mark], _source: false });
    const found = docs[0];
    noticed((found && "_version" in found && found._version) || 0, false);
  };
  const read = async (open?: Deps["inTurn"]): Promise<IndexSummary> => {
    const begunAt = performance.now();
    const words = await readVocabulary(client, index, open);
    readAt = performance.now();
    tookMs = readAt - begunAt;
    return words;
  };
  const readAgain = async () => {
    areOld = false;
    isReadingAgain = true;
    const before = reading;
    try {
      // Own changes are either in what is read, or kept for afterwards.
      const words = await read((open) =>
        inTurn(() => {
          missed = [];
          return open();
        }),
      );
      for (const change of missed) applyChange(words, change);
      if (reading === before) reading = Promise.resolve(words);
    } catch {
      areOld = true;
    } finally {
      isReadingAgain = false;
      missed = [];
    }
  };
  const look = async () => {
    if (!reading) return;
    await telling;
    await lookAtMark();
    const restMs = Math.max(restAtLeastMs, tookMs * restTimes);
    if (areOld && performance.now() - readAt > restMs) await readAgain();
  };
  const looks = poll(lookEveryMs, look);

  const get = (): Promise<IndexSummary> => {
    // Remembered once it worked; after a failure the next call tries again.
    reading ??= (async () => {
      await prepare();
      await lookAtMark();
      return read();
    })().catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
  // Without waiting: who has written is done.
  const tell = () => {
    if (isToTell) return;
    isToTell = true;
    telling = telling
      .then(async () => {
        isToTell = false;
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
      const words = await get();
      for (const change of changes) applyChange(words, change);
      if (isReadingAgain) missed.push(...changes);
      if (!isAll) areOld = true;
      tell();
    },
    /** Takes the words of a new index, which has taken the place of this one. */
    replace(words: IndexSummary): void {
      reading = Promise.resolve(words);
      tell();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      looks[Symbol.dispose]();
      await telling;
    },
  };
}

const mark = "mark";
