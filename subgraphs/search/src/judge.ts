import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openElasticEngine } from "./elasticsearch/elastic-engine.ts";
import { removeIndices } from "./elasticsearch/remove-indices.ts";
import { openEmbeddedEngine } from "./embedded/embedded-engine.ts";
import type { IndexDocument, SearchEngine } from "./engine.ts";
import { withJoinedWords, withSplitCompound, withTypo } from "./judging/alter-query.ts";
import { ndcg } from "./judging/ndcg.ts";
import { readProducts, readRatings, type Rated } from "./judging/read-icecat.ts";

// Judges the ranking by what people said: node src/judge.ts [folder with products.ndjson.gz and ratings-dev.csv]; on Elasticsearch too if ELASTICSEARCH_URL names one

type Scores = { query: string; strict: number; condensed: number };

const worst = 10;
const data = resolve(process.argv[2] ?? join(import.meta.dirname, "../../../../shared/data/icecat"));
const [products, rated] = await Promise.all([readProducts(data), readRatings(data)]);
const isWord = wordsOf(products);

const url = process.env["ELASTICSEARCH_URL"];
const engines = { embedded: openEmbedded, ...(url && { elasticsearch: () => openElastic(url) }) };
for (const [name, open] of Object.entries(engines)) {
  await using opened = await open();
  const { engine } = opened;
  await engine.write(products, []);
  process.stdout.write(`\n${name}, ${await engine.count()} products; nDCG@10\n`);
  await judge("as typed", engine, (query) => query, true);
  await judge("with one typo", engine, withTypo);
  await judge("with a compound split", engine, (query) => withSplitCompound(query, isWord));
  await judge("with two words joined", engine, withJoinedWords);
}

async function judge(
  label: string,
  engine: SearchEngine,
  alter: (query: string) => string | undefined,
  inFull = false,
): Promise<void> {
  const scores: Scores[] = [];
  const started = performance.now();
  for (const { query, ratings } of rated) {
    const altered = alter(query);
    if (altered === undefined) continue;
    const score = await scoreOf(engine, altered, ratings);
    if (!Number.isNaN(score.strict)) scores.push(score);
  }
  const took = (performance.now() - started) / Math.max(1, scores.length);
  const mean = (of: (score: Scores) => number) =>
    scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  line(
    label,
    mean(({ strict }) => strict),
    mean(({ condensed }) => condensed),
    `${scores.length} queries, ${took.toFixed(1)} ms each`,
  );
  const worstFirst = scores.sort((one, other) => one.strict - other.strict);
  const shown = inFull ? worstFirst : worstFirst.slice(0, worst);
  for (const score of shown) line(`  ${score.query}`, score.strict, score.condensed);
}

async function scoreOf(engine: SearchEngine, query: string, ratings: Rated["ratings"]): Promise<Scores> {
  const request = {
    query,
    filters: {},
    sort: "RELEVANCE",
    size: 100,
    after: undefined,
    wantsFacets: true,
  } as const;
  const ids = (await engine.search(request)).hits.map(({ id }) => id);
  const known = ids.filter((id) => ratings.has(id));
  return { query, strict: ndcg(ids, ratings), condensed: ndcg(known, ratings) };
}

function line(label: string, strict: number, condensed: number, note = ""): void {
  process.stdout.write(
    `${label.padEnd(34)} strict ${strict.toFixed(3)}  condensed ${condensed.toFixed(3)}  ${note}\n`,
  );
}

function wordsOf(documents: readonly IndexDocument[]): (word: string) => boolean {
  const words = new Set(documents.flatMap(({ title }) => title.toLowerCase().split(/[^a-z]+/)));
  return (word) => words.has(word);
}

async function openEmbedded() {
  const folder = await mkdtemp(join(tmpdir(), "shop-judge-"));
  const engine = await openEmbeddedEngine({ folder, spoken: ["en"] });
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

async function openElastic(url: string) {
  const prefix = `judge-${Date.now()}`;
  const engine = openElasticEngine({ url, prefix, spoken: ["en"], ownCurrency: "USD" });
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await removeIndices(url, prefix);
    },
  };
}
