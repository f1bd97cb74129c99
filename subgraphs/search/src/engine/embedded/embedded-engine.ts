import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Language } from "../../text/language.ts";
import type { IndexDocument, SearchEngine, SkuStock } from "../engine.ts";
import { IndexThread } from "./index-thread.ts";
import { layout } from "./file.ts";

/** Changes in one transaction: few enough that no search waits long behind one. */
const batchSize = 50;

export type EmbeddedSettings = {
  folder: string;
  languages: [Language, ...Language[]];
  synonymsFile?: string | undefined;
  onError?: (error: Error) => void;
};

/** The engine on SQLite FTS5 in a worker thread; its files live in one folder, `current` names the one in use. */
export async function openEmbeddedEngine(settings: EmbeddedSettings): Promise<SearchEngine> {
  const { folder } = settings;
  await mkdir(folder, { recursive: true });
  const threadOn = (name: string) =>
    new IndexThread(
      {
        path: join(folder, name),
        languages: settings.languages,
        synonymsFile: settings.synonymsFile,
      },
      (error) => settings.onError?.(error),
      () => revision++,
    );
  let revision = 0;
  let name = await currentName(folder);
  await removeOthers(folder, name);
  let current = threadOn(name);
  let next: IndexThread | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  const writeTo = async (
    thread: IndexThread,
    documents: readonly IndexDocument[],
    stock: readonly SkuStock[],
  ) => {
    let changed = 0;
    for (let at = 0; at < Math.max(documents.length, stock.length); at += batchSize) {
      const some = [documents.slice(at, at + batchSize), stock.slice(at, at + batchSize)] as const;
      changed += await thread.call("write", ...some);
    }
    return changed;
  };
  const write = async (documents: readonly IndexDocument[], stock: readonly SkuStock[]) => {
    // A failed write may have written a part, so it counts as a change.
    let changed = 1;
    try {
      [changed] = await Promise.all([
        writeTo(current, documents, stock),
        next && writeTo(next, documents, stock),
      ]);
    } finally {
      if (changed > 0) revision++;
    }
  };
  // One after the other, so that a switch never comes between the two halves of a write.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work, work);
    writing = done.catch(() => undefined);
    return done;
  };

  return {
    search: (request) => current.call("search", request),
    suggest: (prefix, size) => current.call("suggest", prefix, size),
    write: (documents, stock) => inTurn(() => write(documents, stock)),
    setPopularity: (popularity) =>
      inTurn(async () => {
        if (next) return false;
        await current.call("setPopularity", [...popularity]);
        return true;
      }),
    kindsOf: async (productIds) => new Map(await current.call("kindsOf", productIds)),
    count: () => current.call("count"),
    revision: () => revision,
    async isComplete() {
      // An open file outlives its name: that an operator has wiped the folder shows only here.
      if (!existsSync(current.path)) return false;
      return (await current.call("metadata", "complete")) === "yes";
    },
    markIncomplete: () => inTurn(() => current.call("setMetadata", "complete", "no")),
    async rebuild(pages) {
      const nextName = `index-${layout}-${Date.now()}.sqlite`;
      await mkdir(folder, { recursive: true });
      const filling = threadOn(nextName);
      await inTurn(async () => (next = filling));
      try {
        for await (const { documents, stock } of pages) {
          await inTurn(() => writeTo(filling, documents, stock));
        }
        await filling.call("setMetadata", "complete", "yes");
        const old = await inTurn(async () => {
          await setCurrentName(folder, nextName);
          const before = current;
          [current, next, name] = [filling, undefined, nextName];
          revision++;
          return before;
        });
        await old[Symbol.asyncDispose]();
        await removeOthers(folder, name);
      } catch (error) {
        next = undefined;
        await filling[Symbol.asyncDispose]();
        await removeOthers(folder, name);
        throw error;
      }
    },
    async ready() {
      await current.call("count");
      return undefined;
    },
    async [Symbol.asyncDispose]() {
      await writing;
      await current[Symbol.asyncDispose]();
      await next?.[Symbol.asyncDispose]();
    },
  };
}

async function currentName(folder: string): Promise<string> {
  const named = await readFile(join(folder, "current"), "utf8").catch(() => "");
  if (named.startsWith(`index-${layout}-`)) return named.trim();
  const fresh = `index-${layout}-${Date.now()}.sqlite`;
  await setCurrentName(folder, fresh);
  return fresh;
}

// Written to another file and renamed: after a crash `current` names either the old index or the new one.
async function setCurrentName(folder: string, name: string): Promise<void> {
  await writeFile(join(folder, "current.new"), name);
  await rename(join(folder, "current.new"), join(folder, "current"));
}

async function removeOthers(folder: string, kept: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const isOther = file.startsWith("index-") && !file.startsWith(kept);
    if (isOther) await rm(join(folder, file), { force: true });
  }
}
