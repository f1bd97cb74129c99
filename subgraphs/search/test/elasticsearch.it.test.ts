import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { eventually } from "@shop/testkit";
import { describe, expect, test } from "vitest";
import { maintainIndex } from "../src/indexing/rebuild-index.ts";
import { openElasticEngine, type ElasticSettings } from "../src/engine/elasticsearch/elastic-engine.ts";
import { removeIndices } from "./remove-indices.ts";
import { openEmbeddedEngine } from "../src/engine/embedded/embedded-engine.ts";
import type { SearchEngine, SearchRequest } from "../src/engine/engine.ts";
import { elasticsearch } from "./engines.ts";
import { aDocument, aRequest, stock } from "./products.ts";
import { aProduct } from "./snapshots.ts";

/** An index of its own, with as many instances on it as a test opens. */
async function anIndex() {
  const url = elasticsearch ?? "";
  const folder = await mkdtemp(join(tmpdir(), "shop-search-"));
  const prefix = basename(folder).toLowerCase();
  const opened: SearchEngine[] = [];
  const english = { url, prefix, languages: ["en"] as ["en"], shopCurrency: "USD" };
  const usual = { ...english, timeoutMs: 30_000, writeIntervalMs: 0 };
  return {
    folder,
    prefix,
    /** Sends a request to the server itself. */
    async ask(method: "GET" | "PUT" | "DELETE", path: string, body?: object): Promise<object> {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      return Object(await answer.json()) as object;
    },
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

// Elasticsearch is slow on a busy machine.
const patiently = ["it never came to be", 45_000] as const;

const idsOf = async (engine: SearchEngine, given: Partial<SearchRequest>) =>
  (await engine.search(aRequest(given))).hits.map(({ id }) => id);

describe.skipIf(!elasticsearch)(
  "Elasticsearch, where ELASTICSEARCH_URL names one or one can be started",
  () => {
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

    test("a rebuild that was killed neither stops writes nor is filled on for ever", async () => {
      await using index = await anIndex();
      const engine = index.open({ lockTimeoutMs: 1_000 });
      await engine.write([aDocument({ id: "lamp", title: "Desk lamp" })], []);
      const filler = fork(new URL("rebuild-forever.ts", import.meta.url), [
        elasticsearch ?? "",
        index.prefix,
      ]);
      await once(filler, "message");
      const nexts = async () => Object.keys(await index.ask("GET", `${index.prefix}-*-next/_alias`));
      expect(await nexts()).toHaveLength(2);
      filler.kill("SIGKILL");
      await once(filler, "exit");
      let version = 1;
      await eventually(
        async () => {
          await engine.write([aDocument({ id: "lamp", version: ++version, title: "Wall lamp" })], []);
          return !(await nexts()).some((name) => name.startsWith(index.prefix));
        },
        ...patiently,
      );
      expect(await idsOf(engine, { query: "wall" })).toEqual(["lamp"]);
    });

    test("a generation that was made only half does not stop writes", async () => {
      await using index = await anIndex();
      const engine = index.open();
      await engine.write([aDocument({ id: "lamp", title: "Desk lamp" })], []);
      await index.ask("PUT", `${index.prefix}-products-7`, {
        aliases: { [`${index.prefix}-products-next`]: {} },
      });
      const other = index.open();
      await other.write([aDocument({ id: "lamp", version: 2, title: "Wall lamp" })], []);
      expect(await idsOf(other, { query: "wall" })).toEqual(["lamp"]);
    });

    test("an index whose stock was lost is incomplete, answers on, and is filled again", async () => {
      await using index = await anIndex();
      const engine = index.open();
      const lamp = aDocument({ id: "lamp", title: "Desk lamp" });
      async function* pages() {
        yield { documents: [lamp], stock: [stock("SKU-lamp", 3, 1)] };
      }
      await engine.rebuild(pages());
      const [lost] = Object.keys(await index.ask("GET", `${index.prefix}-stock`));
      await index.ask("DELETE", lost ?? "");
      const restarted = index.open();
      for (const each of [engine, restarted]) {
        expect(await each.isComplete()).toBe(false);
        expect(await idsOf(each, { query: "lamp", filters: { inStock: true } })).toEqual(["lamp"]);
      }
      await restarted.rebuild(pages());
      await engine.write([], [stock("SKU-lamp", 0, 2)]);
      expect(await engine.isComplete()).toBe(true);
      expect(await idsOf(engine, { query: "lamp", filters: { inStock: true } })).toEqual([]);
    });

    test("of two instances that miss their index one fills it, and the other one waits", async () => {
      await using index = await anIndex();
      let [fills, pages] = [0, 0];
      const bus = {
        async request(operation: string, { after }: { after?: string }) {
          if (operation === "inventory.stock") return { stock: [], isLast: true };
          if (after === undefined) fills++;
          pages++;
          const at = Number(after?.slice(4) ?? 0);
          return { products: [aProduct(String(at + 1))], isLast: at === 20 };
        },
      };
      const failures: unknown[] = [];
      const log = { info: () => undefined, warn: (failure: unknown) => failures.push(failure) };
      const engines = [index.open(), index.open()];
      const keepers = engines.map((engine) =>
        maintainIndex({
          engine,
          store: { withPopularity: async (documents) => [...documents] },
          bus: bus as unknown as Parameters<typeof maintainIndex>[0]["bus"],
          log: log as never,
        }),
      );
      try {
        await eventually(
          async () => (await Promise.all(engines.map((each) => each.isComplete()))).every(Boolean),
          "the index is not whole in both",
          { progress: () => ({ pages, fills, failures }) },
        );
      } finally {
        for (const maintainer of keepers) await maintainer[Symbol.asyncDispose]();
      }
      expect({ fills, failures }).toEqual({ fills: 1, failures: [] });
    });

    test("what one instance writes, another one knows seconds later: its words, its labels, and that answers are old", async () => {
      await using index = await anIndex();
      const [one, other] = [index.open(), index.open()];
      const boards = Array.from({ length: 12 }, (_, at) =>
        aDocument({ id: `board-${at}`, title: "Zebra wood" }),
      );
      await one.write(boards, []);
      expect((await other.search(aRequest({ query: "zebra" }))).totalCount).toBe(12);
      const before = other.revision();
      const carvings = { id: "cat_carvings", slug: "carvings", name: "Fine carvings" };
      await one.write([aDocument({ id: "new", title: "Zebrawood carving", categories: [carvings] })], []);
      await eventually(() => other.revision() > before);
      await eventually(
        async () => {
          const { didYouMean, facets } = await other.search(
            aRequest({ query: "zebrawood", wantsFacets: true }),
          );
          const labels = facets.find(({ name }) => name === "category")?.values.map(({ label }) => label);
          return didYouMean === null && labels?.includes("Fine carvings");
        },
        ...patiently,
      );
      const revision = one.revision();
      await one.write([aDocument({ id: "newer", title: "Ebony" })], []);
      expect(one.revision()).toBe(revision + 1);
    });

    test("of a write that failed at one product, the others count as written", async () => {
      await using index = await anIndex();
      const engine = index.open();
      await engine.write([aDocument({ id: "first", title: "Lamp" })], []);
      const before = engine.revision();
      const bad = aDocument({ id: "bad", title: "Bad", prices: [["USD", 1e300]] });
      await expect(engine.write([aDocument({ id: "good", title: "Xylophone" }), bad], [])).rejects.toThrow(
        "bad",
      );
      expect(engine.revision()).toBe(before + 1);
      const { hits, didYouMean } = await engine.search(aRequest({ query: "xylophone" }));
      expect({ ids: hits.map(({ id }) => id), didYouMean }).toEqual({ ids: ["good"], didYouMean: null });
    });

    test("other synonyms make answers old without being searched for", async () => {
      await using index = await anIndex();
      const synonymsFile = join(index.folder, "synonyms.txt");
      await writeFile(synonymsFile, "");
      const engine = index.open({ synonymsFile });
      const before = engine.revision();
      await writeFile(synonymsFile, "davenport, sofa\n");
      await eventually(() => engine.revision() > before);
    });

    test("it is not ready before it knows the words, which the first search would wait for", async () => {
      const server = createServer((request, response) => {
        response
          .setHeader("x-elastic-product", "Elasticsearch")
          .setHeader("content-type", "application/json");
        if (request.url?.startsWith("/_cluster/health")) response.end('{"status":"green"}');
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}`;
      const engine = openElasticEngine({ url, prefix: "shop", languages: ["en"], shopCurrency: "USD" });
      expect(await engine.ready()).toContain("words");
      server.close();
      server.closeAllConnections();
      await engine[Symbol.asyncDispose]();
    });

    test("it answers as the embedded engine does", async () => {
      await using index = await anIndex();
      await using embedded = await openEmbeddedEngine({ folder: index.folder, languages: ["en"] });
      const elastic = index.open();
      const chairs = Array.from({ length: 30 }, (_, at) =>
        aDocument({
          id: `p${String(at).padStart(2, "0")}`,
          title: "Garden chair",
          brand: at % 3 ? "Sony" : "SONY",
          rating: at < 9 ? 14 / 3 : null,
          prices: [["USD", 1_000 + at]],
          attributes: [
            { name: "Colour", value: at % 3 ? "Red" : "red" },
            { name: "Leg", value: at % 4 ? "oak" : "steel" },
          ],
        }),
      );
      const brands = Array.from({ length: 55 }, (_, at) =>
        [1, 2].map((of) => aDocument({ id: `b${at}-${of}`, title: "Stool", brand: `Brand ${at}` })),
      ).flat();
      const rare = aDocument({ id: "rare", title: "Stool", brand: "Rare" });
      const answersOf = async (engine: SearchEngine) => {
        await engine.write([...chairs, ...brands, rare], []);
        const chosen = { query: "chair", wantsFacets: true, filters: { brands: ["sony"] } };
        const { facets } = await engine.search(aRequest(chosen));
        const byRating: string[] = [];
        for (let after: SearchRequest["after"], pages = 0; pages < 8; pages++) {
          const page = await engine.search(aRequest({ query: "chair", sort: "RATING", size: 4, after }));
          byRating.push(...page.hits.map(({ id }) => id));
          after = page.hits.at(-1)?.place;
        }
        const stools = { query: "stool", wantsFacets: true, filters: { brands: ["Rare"] } };
        const ofStools = (await engine.search(aRequest(stools))).facets.find(({ name }) => name === "brand");
        const none = await engine.search(aRequest({ query: "chiar", filters: { brands: ["none"] } }));
        const cheap = await engine.search(aRequest({ query: "chair", sort: "PRICE_ASC", size: 1 }));
        return {
          brand: facets
            .find(({ name }) => name === "brand")
            ?.values.map(({ count, selected }) => [count, selected]),
          names: facets.map(({ name }) => name),
          unrated: (await engine.search(aRequest({ query: "chair", filters: { ratingMin: 0 } }))).totalCount,
          byRating: byRating.toSorted(),
          selected: ofStools?.values.filter(({ selected }) => selected).map(({ count }) => count),
          didYouMean: none.didYouMean,
          hasScore: (cheap.hits[0]?.score ?? 0) > 0,
        };
      };
      const expected = await answersOf(embedded);
      expect(expected.byRating).toEqual(chairs.map(({ id }) => id));
      expect(await answersOf(elastic)).toEqual(expected);
    });
  },
);
