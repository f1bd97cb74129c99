import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { demoPassword, importInto, startShop } from "@shop/stack";
import { Command, Option } from "commander";
import { judgeQueries, type Judged, type Score } from "./judging/judge-queries.ts";
import { readRatings, readWords } from "./judging/read-judgements.ts";

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
  .option("--ratings <file>", "query,docid,rating", path.join(data, "ratings-dev.csv"))
  .option("--shop <folder>", "keeps the shop, so that the next run need not import")
  .parse()
  .opts<{ engine: string; url?: string; products: string; ratings: string; shop?: string }>();

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const [rated, words] = await Promise.all([readRatings(options.ratings), readWords(options.products)]);
  if (options.url) return print(options.url, await judgeQueries(options.url, rated, words));
  const dataFolder = options.shop ?? (await mkdtemp(path.join(tmpdir(), "shop-judge-")));
  const engines = (["embedded", "elasticsearch"] as const).filter((name) =>
    ["both", name].includes(options.engine),
  );
  try {
    // One shop that changes its engine: the second one is filled from catalog and inventory, without an import.
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
        print(search, await judgeQueries(shop.url, rated, words));
      } finally {
        await shop.stop();
      }
    }
  } finally {
    if (!options.shop) await rm(dataFolder, { recursive: true, force: true });
  }
}

function print(where: string, judged: Judged[]): void {
  for (const { title, scores } of judged) {
    console.log(`\n${where}, ${title}: nDCG@10 of ${scores.length} queries, the worst first`);
    scores.forEach((score, at) => {
      if (at === worst) console.log(`  ${"-".repeat(35)} up to here the worst ten`);
      console.log(line(`  ${score.query}`, score));
    });
  }
  console.log(`\n${where}, means`);
  for (const one of judged) {
    console.log(`${line(one.title, one)}  (${one.scores.length} queries, ${one.meanMs.toFixed(0)} ms each)`);
  }
}

function line(label: string, { strict, condensed }: Pick<Score, "strict" | "condensed">): string {
  return `${label.padEnd(38)} strict ${strict.toFixed(3)}  condensed ${condensed.toFixed(3)}`;
}
