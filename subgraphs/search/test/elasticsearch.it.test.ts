import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { openElasticEngine, type ElasticSettings } from "../src/elasticsearch/elastic-engine.ts";
import { removeIndices } from "../src/elasticsearch/remove-indices.ts";
import type { SearchEngine, SearchRequest } from "../src/engine.ts";
import { elasticsearch } from "./engines.ts";
import { aDocument, aRequest, stock } from "./products.ts";

/** An index of its own, with as many instances on it as a test opens. */
async function anIndex() {
  const url = elasticsearch ?? "";
  const folder = await mkdtemp(join(tmpdir(), "shop-search-"));
  const prefix = basename(folder).toLowerCase();
  const opened: SearchEngine[] = [];
  const usual = { url, prefix, spoken: ["en"] as ["en"], ownCurrency: "USD", patienceMs: 30_000, paceMs: 0 };
  return {
    url,
    prefix,
    open(given: Partial<ElasticSettings> = {}): SearchEngine {
      const engine = openElasticEngine({ ...usual, ...given });
      opened.push(engine);
      return engine;
    },
    async [Symbol.asyncDispose]() {
      for (const engine of opened) await engine[Symbol.asyncDispose]();
      await removeIndices(url, prefix);
      await rm(folder, { recursive: true });
    },
  };
}

const idsOf = async (engine: SearchEngine, given: Partial<SearchRequest>) =>
  (await engine.search(aRequest(given))).hits.map(({ id }) => id);

describe.skipIf(!elasticsearch)("Elasticsearch", () => {
  test("pages show each of many equal products once, though some are written between them", async () => {
    await using index = await anIndex();
    const engine = index.open();
    const chairs = Array.from({ length: 450 }, (_, at) =>
      aDocument({ id: `p${String(at).padStart(3, "0")}`, title: "Garden chair", publishedAt: 1e12 + at }),
    );
    await engine.write(
      chairs,
      chairs.map(({ id }) => stock(`SKU-${id}`, 5, 1)),
    );
    const seen: string[] = [];
    for (let after: SearchRequest["after"], pages = 0; pages < 9; pages++) {
      const page = await engine.search(aRequest({ query: "chair", size: 50, after }));
      const shown = page.hits.map(({ id }) => id);
      seen.push(...shown);
      after = page.hits.at(-1)?.place;
      const dearer = chairs.filter(({ id }) => shown.slice(0, 25).includes(id));
      await engine.write(
        dearer.map((chair) => ({ ...chair, version: 2, prices: [["USD", 2_000]] })),
        [],
      );
    }
    expect(new Set(seen).size).toBe(450);
    expect(seen).toHaveLength(450);
  });
});
