import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { eventually } from "@shop/testkit";
import { describe, expect, test } from "vitest";
import { cachedSearch } from "../src/cache/result-cache.ts";
import { openElasticEngine } from "../src/engine/elasticsearch/elastic-engine.ts";
import { removeIndices } from "./remove-indices.ts";
import { openEmbeddedEngine } from "../src/engine/embedded/embedded-engine.ts";
import type { ResultStore } from "../src/cache/redis-result-store.ts";
import { elasticsearch, engineNames } from "./engines.ts";
import { aDocument, aRequest } from "./products.ts";

const withoutRedis: ResultStore = {
  get: () => Promise.resolve(undefined),
  put: () => undefined,
  epoch: () => Promise.resolve(undefined),
};

describe.each(engineNames)("%s", (name) => {
  test("staff change the synonyms' file, and searches follow within seconds, cached ones too, without a rebuild", async () => {
    await using opened = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "shop-search-"));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const synonymsFile = join(folder, "synonyms.txt");
    await writeFile(synonymsFile, "");
    const url = elasticsearch ?? "";
    const prefix = basename(folder).toLowerCase();
    if (name === "elasticsearch") opened.defer(() => removeIndices(url, prefix));
    const engine = opened.use(
      name === "elasticsearch"
        ? openElasticEngine({ url, prefix, languages: ["en"], shopCurrency: "USD", synonymsFile })
        : await openEmbeddedEngine({ folder: join(folder, "index"), languages: ["en"], synonymsFile }),
    );
    await engine.write([aDocument({ id: "sofa", title: "Corner sofa" })], []);
    await using cached = cachedSearch(engine, withoutRedis);
    const idsOf = async (query: string) =>
      (await cached.search(aRequest({ query }))).hits.map(({ id }) => id);
    expect(await idsOf("davenport")).toEqual([]);
    await writeFile(synonymsFile, "davenport, sofa # as some say\n");
    await eventually(async () => (await idsOf("davenport")).includes("sofa"));
    await writeFile(synonymsFile, "");
    await eventually(async () => !(await idsOf("davenport")).includes("sofa"));
  });
});
