import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { testElasticsearch } from "@shop/testkit";
import type { Language } from "../src/text/language.ts";
import { openElasticEngine } from "../src/engine/elasticsearch/elastic-engine.ts";
import { removeIndices } from "./remove-indices.ts";
import { openEmbeddedEngine } from "../src/engine/embedded/embedded-engine.ts";
import type { SearchEngine } from "../src/engine/engine.ts";

const languages: [Language, ...Language[]] = ["en", "de", "fr", "es"];

/** Where Elasticsearch can be had, the suites run on it too. */
export const elasticsearch = await testElasticsearch();

const prefixOf = (folder: string) => basename(folder).toLowerCase();

type Open = (folder: string) => Promise<SearchEngine>;
const engines: Record<string, Open> = {
  embedded: (folder) => openEmbeddedEngine({ folder, languages }),
  ...(elasticsearch && {
    elasticsearch: (folder: string) =>
      Promise.resolve(
        openElasticEngine({
          url: elasticsearch,
          prefix: prefixOf(folder),
          languages,
          shopCurrency: "USD",
          timeoutMs: 30_000,
          writeIntervalMs: 0,
        }),
      ),
  }),
};

/** The names of the engines that a suite is looped over. */
export const engineNames = Object.keys(engines);

/** An empty engine that can be closed and opened again, and leaves nothing behind. */
export async function anEngine(name: string) {
  const folder = await mkdtemp(join(tmpdir(), "shop-search-"));
  const open = engines[name];
  if (!open) throw new Error(`no engine is called ${name}`);
  let engine = await open(folder);
  return {
    get engine() {
      return engine;
    },
    /** Another instance on the same index. */
    another: () => open(folder),
    async reopen(): Promise<void> {
      await engine[Symbol.asyncDispose]();
      engine = await open(folder);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await engine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
      if (name === "elasticsearch" && elasticsearch) await removeIndices(elasticsearch, prefixOf(folder));
    },
  };
}
