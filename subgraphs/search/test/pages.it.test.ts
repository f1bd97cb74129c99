import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SearchRequest, Sort } from "../src/engine/engine.ts";
import { anEngine, engineNames } from "./engines.ts";
import { aDocument, aRequest, stock } from "./products.ts";

const chairs = (group: string) =>
  Array.from({ length: 60 }, (_, at) =>
    aDocument({
      id: `${group}-${String(at).padStart(2, "0")}`,
      title: `Garden chair ${group}`,
      prices: [["USD", 1_000 + (at % 5)]],
    }),
  );

const sorts: Sort[] = ["RELEVANCE", "NEWEST", "RATING", "PRICE_ASC", "PRICE_DESC"];

describe.each(engineNames)("%s", (name) => {
  let opened: Awaited<ReturnType<typeof anEngine>>;
  beforeAll(async () => {
    opened = await anEngine(name);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  /** The products of the pages that follow the first 20, of which the last one has changed in between. */
  async function othersAfter(sort: Sort, query: string, change: (id: string) => Promise<void>) {
    const find = (after: SearchRequest["after"]) =>
      opened.engine.search(aRequest({ query, sort, filters: { brands: [query] }, after }));
    const first = await find(undefined);
    const last = first.hits.at(-1)?.id ?? "";
    await change(last);
    const seen = first.hits.map(({ id }) => id);
    for (let { place, hasNextPage } = { place: first.hits.at(-1)?.place, hasNextPage: true }; hasNextPage;) {
      const page = await find(place);
      seen.push(...page.hits.map(({ id }) => id));
      ({ hasNextPage } = page);
      place = page.hits.at(-1)?.place;
    }
    return seen.filter((id) => id !== last);
  }

  test.each(sorts)(
    "by %s, no other is lost or repeated when what a page ended with is sold out, dearer, or another thing",
    async (sort) => {
      const changes = {
        soldout: (id: string) => opened.engine.write([], [stock(`SKU-${id}`, 0, 2)]),
        dearer: (id: string) =>
          opened.engine.write(
            [
              aDocument({
                id,
                version: 2,
                title: "Garden chair dearer",
                brand: "dearer",
                prices: [["USD", 9_000]],
              }),
            ],
            [],
          ),
        renamed: (id: string) =>
          opened.engine.write(
            [
              aDocument({
                id,
                version: 2,
                title: "Old bench, renamed once",
                brand: "renamed",
                publishedAt: 1,
              }),
            ],
            [],
          ),
      };
      for (const [what, change] of Object.entries(changes)) {
        // Other words of one product move the scores of all others, of so few by much.
        if (what === "renamed" && sort === "RELEVANCE") continue;
        const group = `${what}${sort.toLowerCase().replace("_", "")}`;
        const all = chairs(group).map((chair) => ({ ...chair, brand: group }));
        await opened.engine.write(
          all,
          all.map(({ id }) => stock(`SKU-${id}`, 5, 1)),
        );
        const others = await othersAfter(sort, group, change);
        expect(new Set(others).size).toBe(59);
        expect(others).toHaveLength(59);
      }
    },
  );

  test("no product is lost or repeated when the words of all others become more or less common", async () => {
    const all = chairs("common").map((chair) => ({ ...chair, brand: "common" }));
    await opened.engine.write(
      all,
      all.map(({ id }) => stock(`SKU-${id}`, 5, 1)),
    );
    const others = await othersAfter("RELEVANCE", "common", () =>
      opened.engine.write(
        Array.from({ length: 30 }, (_, at) => aDocument({ id: `new-${at}`, title: "A common thing" })),
        [],
      ),
    );
    expect(new Set(others).size).toBe(59);
    expect(others).toHaveLength(59);
  });

  test("a rebuild that comes to the products in another order changes no page", async () => {
    const all = chairs("again").map((chair) => ({ ...chair, brand: "again" }));
    const stocks = all.map(({ id }) => stock(`SKU-${id}`, 5, 1));
    await opened.engine.write(all, stocks);
    const others = await othersAfter("RELEVANCE", "again", () =>
      opened.engine.rebuild(
        (async function* () {
          await Promise.resolve();
          yield { documents: all.toReversed(), stock: stocks };
        })(),
      ),
    );
    expect(new Set(others).size).toBe(59);
    expect(others).toHaveLength(59);
  });
});
