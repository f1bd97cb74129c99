import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { demoPassword, importInto, startShop } from "@shop/stack";
import { Command, Option } from "commander";
import { foldMeans, overlaps, unratedPairs } from "./judging/compare-engines.ts";
import { judgeQueries, type Judged, type Score } from "./judging/judge-queries.ts";
import { readRatings, readTitles, wordsOf } from "./judging/read-judgements.ts";

// npm run search:judge: how good the order of results is, by queries that people rated, through a shop's public API.

const worst = 10;
const data = path.resolve(import.meta.dirname, "../../../../shared/data/icecat");
const options = new Command("npm run search:judge --")
  .description("nDCG@10 of rated queries, as typed and altered by program, on shops of its own.")
  .addOption(
    new Option("--engine <name>", "the engine")
      .choices(["embedded", "elasticsearch", "both"])
      .default("both"),
  )
  .option("--url <url>", "a running shop's graph, that has the products already, instead")
  .option("--products <file>", "what is imported", path.join(data, "products.ndjson.gz"))
  .option("--ratings <files...>", "query,docid,rating[,reason]: each completes those before", [
    path.join(data, "ratings-dev.csv"),
    path.join(data, "ratings-dev-added.csv"),
    path.resolve(import.meta.dirname, "../ratings/icecat-dev-judged.csv"),
  ])
  .option("--unrated <file>", "writes what is unrated, for a person to judge blind")
  .option("--shop <folder>", "keeps the shop, so that the next run need not import")
  .parse()
  .opts<{
    engine: string;
    url?: string;
    products: string;
    ratings: string[];
    unrated?: string;
    shop?: string;
  }>();

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const [rated, titles] = await Promise.all([readRatings(options.ratings), readTitles(options.products)]);
  const words = wordsOf(titles);
  const judged = options.url
    ? [print(options.url, await judgeQueries(options.url, rated, words))]
    : await judgeEngines((url) => judgeQueries(url, rated, words));
  const [one, other] = judged;
  if (one && other) printOverlap(one, other);
  const unrated = unratedPairs(judged.flat(), titles);
  console.log(`\n${unrated.length} pairs of query and product are unrated`);
  if (options.unrated)
    await writeFile(options.unrated, ["query,docid,rating,title", ...unrated, ""].join("\n"));
}

/** One shop that changes its engine: the second one is filled from catalog and inventory, without an import. */
async function judgeEngines(judge: (url: string) => Promise<Judged[]>): Promise<Judged[][]> {
  const dataFolder = options.shop ?? (await mkdtemp(path.join(tmpdir(), "shop-judge-")));
  const engines = (["embedded", "elasticsearch"] as const).filter((name) =>
    ["both", name].includes(options.engine),
  );
  const judged: Judged[][] = [];
  try {
    for (const search of engines) {
      console.log(`\nopening a shop with ${search} search…`);
      const env = { LIMITS: "off" };
      const shop = await startShop({ dataFolder, products: 0, search, env }).catch((error: unknown) => {
        if (search === "embedded" || options.engine === search) throw error;
        console.log(`Elasticsearch is not judged. ${error instanceof Error ? error.message : String(error)}`);
      });
      if (!shop) continue;
      try {
        await importInto(shop.url, options.products, { email: "staff@shop.test", password: demoPassword });
        judged.push(print(search, await judge(shop.url)));
      } finally {
        await shop.stop();
      }
    }
  } finally {
    if (!options.shop) await rm(dataFolder, { recursive: true, force: true });
  }
  return judged;
}

function print(where: string, judged: Judged[]): Judged[] {
  for (const { title, scores } of judged) {
    console.log(`\n${where}, ${title}: nDCG@10 of ${scores.length} queries, the worst first`);
    scores.forEach((score, at) => {
      if (at === worst) console.log(`  ${"-".repeat(35)} up to here the worst ten`);
      console.log(line(`  ${score.query}`, score));
    });
  }
  console.log(`\n${where}, means`);
  for (const one of judged) {
    const { unrated, scores, meanMs } = one;
    const share = `unrated ${(100 * unrated).toFixed(1)} %`;
    console.log(
      `${line(one.title, one)}  ${share}  (${scores.length} queries, ${meanMs.toFixed(0)} ms each)`,
    );
    console.log(
      `  ${"of five parts".padEnd(36)} ${foldMeans(scores)
        .map((mean) => mean.toFixed(3))
        .join("  ")}`,
    );
  }
  return judged;
}

function printOverlap(one: readonly Judged[], other: readonly Judged[]): void {
  const shares = overlaps(one, other);
  const mean = shares.reduce((sum, { share }) => sum + share, 0) / Math.max(1, shares.length);
  console.log(`\nThe first tens of both engines have ${(100 * mean).toFixed(1)} % in common; the least:`);
  for (const { query, share } of shares.slice(0, worst))
    console.log(`  ${query.padEnd(36)} ${share.toFixed(2)}`);
}

function line(label: string, { strict, condensed }: Pick<Score, "strict" | "condensed">): string {
  return `${label.padEnd(38)} strict ${strict.toFixed(3)}  condensed ${condensed.toFixed(3)}`;
}
