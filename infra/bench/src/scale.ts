import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { request } from "undici";
import { load, type Measured } from "./load.ts";
import { threadsOf, usageOf } from "./processes.ts";
import { drawnFromCatalogue } from "./scale/draw-queries.ts";
import { searchService, type SearchEngine, type SearchService } from "./scale/search-service.ts";

export const usualSizes: Record<SearchEngine, number[]> = {
  embedded: [19_406, 200_000, 1_000_000],
  elasticsearch: [19_406, 200_000],
};

const concurrency = 32;
/** A program that has just been started compiles for so long; it is not measured. */
const warmUpSeconds = 10;
/** The cached searches that are repeated in turn. */
const cachedQueries = 200;

type Row = Measured & { cpuMs: string };
type Report = { products: number; rows: Row[]; facts: string[] };

/** Fills the search service, alone in its process, with catalogues of these sizes, starts it again, and asks it at its own port. */
export async function measureScale(
  engine: SearchEngine,
  sizes: readonly number[],
  seconds: number,
): Promise<string[]> {
  const reports: Report[] = [];
  for (const products of sizes) reports.push(await measureOne(engine, products, seconds));
  return [
    `## ${engine}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${new Date().toISOString().slice(0, 10)}`,
    "",
    `| products | asked, ${concurrency} at once | requests | errors | per second | p50 ms | p95 ms | p99 ms | CPU ms each |`,
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...reports.flatMap(({ products, rows }) => rows.map((row) => line(products, row))),
    "",
    "| products | filled in | on disk | memory when filled (most meanwhile) | started again in | memory then | after the load |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...reports.map(({ products, facts }) => `| ${[products, ...facts].join(" | ")} |`),
  ];
}

async function measureOne(engine: SearchEngine, products: number, seconds: number): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), "shop-scale-"));
  console.log(`\n${engine}: filling an index of ${products} products…`);
  try {
    await using service = await searchService({ folder, products, engine });
    const filledIn = await service.start();
    await expectAll(service, products);
    const filled = memoryOf(service);
    const peak = peakMemoryOf(service);
    await service.stop();
    const disk = await diskOf(service, path.join(folder, "search"));
    const startedIn = await service.start();
    await expectAll(service, products);
    const started = memoryOf(service);
    console.log(
      `filled in ${filledIn.toFixed(1)} s, started again in ${startedIn.toFixed(1)} s; ${filled}, then ${started}`,
    );
    const rows = await ask(service, seconds);
    const facts = [
      `${filledIn.toFixed(1)} s`,
      `${disk} MB`,
      `${filled} (${peak})`,
      `${startedIn.toFixed(1)} s`,
    ];
    return { products, rows, facts: [...facts, started, memoryOf(service)] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ask(service: SearchService, seconds: number): Promise<Row[]> {
  const drawn = drawnFromCatalogue(1);
  const measure = async (name: string, next: () => object): Promise<Row> => {
    const sends = () => ({ body: JSON.stringify(next()), headers: service.headers });
    const asked = { name, url: service.url, concurrency, next: sends };
    await load({ ...asked, seconds: warmUpSeconds });
    const before = cpuOf(service);
    const result = await load({ ...asked, seconds });
    const cpuMs = [...cpuOf(service)]
      .map(([part, ms]) => `${part} ${((ms - (before.get(part) ?? 0)) / result.requests).toFixed(2)}`)
      .join(", ");
    const row = { ...result, cpuMs };
    console.log(
      `${name}: ${row.perSecond.toFixed(0)}/s, p95 ${row.p95.toFixed(1)} ms, CPU ms each: ${cpuMs}`,
    );
    return row;
  };
  const known = Array.from({ length: cachedQueries }, () => drawn.freshSearch());
  let turn = 0;
  return [
    await measure("search with facets, uncached", () => ({
      query: searching,
      variables: drawn.freshSearch(),
    })),
    await measure("search with facets, cached", () => ({
      query: searching,
      variables: known[turn++ % known.length],
    })),
    await measure("suggestions", () => ({ query: suggesting, variables: { prefix: drawn.prefix() } })),
  ];
}

/** What has been used by the service's threads, and by Elasticsearch. */
function cpuOf(service: SearchService): Map<string, number> {
  const { search = 0, elasticsearch } = Object.fromEntries(service.processes());
  const cpu = threadsOf(search);
  if (elasticsearch !== undefined)
    cpu.set("Elasticsearch", usageOf(service.processes()).get("elasticsearch")?.cpuMs ?? 0);
  return cpu;
}

const searching = `query ($query: String, $filters: SearchFilters, $first: Int) {
  search(query: $query, filters: $filters, first: $first) {
    totalCount didYouMean
    pageInfo { hasNextPage endCursor }
    facets { name values { value label count selected } }
    edges { highlight node { id } }
  }
}`;

const suggesting = `query ($prefix: String!) {
  searchSuggestions(prefix: $prefix) { queries products { id } categories { id } }
}`;

async function expectAll({ url, headers }: SearchService, products: number): Promise<void> {
  const { body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query: "{ search(first: 1) { totalCount } }" }),
  });
  const answer = await body.text();
  if (!answer.includes(`"totalCount":${products}}`))
    throw new Error(`Expected ${products} products: ${answer}`);
}

function memoryOf(service: SearchService): string {
  return [...usageOf(service.processes())]
    .map(([name, { residentMb }]) => `${name} ${residentMb.toFixed(0)} MB`)
    .join(", ");
}

/** The maximum resident memory that the service had. */
function peakMemoryOf(service: SearchService): string {
  const status = readFileSync(`/proc/${service.processes().get("search")}/status`, "utf8");
  return `${(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024).toFixed(0)} MB`;
}

async function diskOf({ elasticsearch }: SearchService, folder: string): Promise<string> {
  if (elasticsearch === undefined) {
    const files = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
    return inMb(files.reduce((sum, size) => sum + size, 0));
  }
  const { body } = await request(`${elasticsearch}/_stats/store`);
  const stats = (await body.json()) as { _all: { total: { store: { size_in_bytes: number } } } };
  return inMb(stats._all.total.store.size_in_bytes);
}

const inMb = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

function line(products: number, row: Row): string {
  const { name, requests, errors, perSecond, p50, p95, p99, cpuMs } = row;
  const times = [p50, p95, p99].map((ms) => ms.toFixed(1));
  return `| ${[products, name, requests, errors, perSecond.toFixed(0), ...times, cpuMs].join(" | ")} |`;
}
