import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SearchRequest } from "../src/engine/engine.ts";
import { anEngine, engineNames } from "./engines.ts";
import { aDocument, aRequest, catalogue, inStock, stock } from "./products.ts";

describe.each(engineNames)("%s", (name) => {
  let opened: Awaited<ReturnType<typeof anEngine>>;

  beforeAll(async () => {
    opened = await anEngine(name);
    await opened.engine.write(
      catalogue,
      catalogue.flatMap(({ id, skus }) => skus.map((sku) => inStock(sku, id))),
    );
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  const find = (given: Partial<SearchRequest>) => opened.engine.search(aRequest(given));
  const idsOf = async (given: Partial<SearchRequest>) => (await find(given)).hits.map(({ id }) => id);

  describe("changes", () => {
    test("an older version of a product or a stock never wins", async () => {
      await opened.engine.write(
        [aDocument({ id: "v", version: 5, title: "Versioned lantern" })],
        [stock("SKU-v", 3, 5)],
      );
      await opened.engine.write(
        [aDocument({ id: "v", version: 4, title: "Stale candle" })],
        [stock("SKU-v", 0, 4)],
      );
      expect(await idsOf({ query: "stale candle" })).not.toContain("v");
      expect(await idsOf({ query: "lantern", filters: { inStock: true } })).toEqual(["v"]);
    });

    test("an archived product is gone, and a late event does not bring it back", async () => {
      await opened.engine.write([aDocument({ id: "gone", title: "Vanishing cabinet" })], []);
      expect(await idsOf({ query: "vanishing" })).toEqual(["gone"]);
      await opened.engine.write([aDocument({ id: "gone", version: 3, isLive: false })], []);
      await opened.engine.write([aDocument({ id: "gone", version: 2, title: "Vanishing cabinet" })], []);
      expect(await idsOf({ query: "vanishing" })).toEqual([]);
    });

    test("stock that arrives before its product counts", async () => {
      await opened.engine.write([], [inStock("SKU-early")]);
      await opened.engine.write([aDocument({ id: "early", title: "Early telescope" })], []);
      expect(await idsOf({ query: "telescope", filters: { inStock: true } })).toEqual(["early"]);
    });

    test("what is out of stock comes last", async () => {
      await opened.engine.write(
        [
          aDocument({ id: "kite-1", title: "Kite" }),
          aDocument({ id: "kite-2", title: "Kite with a long tail" }),
        ],
        [stock("SKU-kite-1", 0, 1), inStock("SKU-kite-2")],
      );
      expect(await idsOf({ query: "kite" })).toEqual(["kite-2", "kite-1"]);
      await opened.engine.write([], [stock("SKU-kite-1", 4, 2), stock("SKU-kite-2", 0, 2)]);
      expect(await idsOf({ query: "kite" })).toEqual(["kite-1", "kite-2"]);
    });

    test("what was found before is ranked and shown by its new words", async () => {
      const first = aDocument({ id: "rope-1", title: "Rope" });
      const second = aDocument({ id: "rope-2", title: "Net with a long rope" });
      await opened.engine.write([first, second], []);
      expect(await idsOf({ query: "rope" })).toEqual(["rope-1", "rope-2"]);
      await opened.engine.write(
        [
          { ...first, version: 2, title: "Ladder with a short rope" },
          { ...second, version: 2, title: "Rope" },
        ],
        [],
      );
      const { hits } = await find({ query: "rope" });
      expect(hits.map(({ id }) => id)).toEqual(["rope-2", "rope-1"]);
      expect(hits[1]?.highlight).toContain("Ladder");
    });

    test("a changed product loses its old words and values", async () => {
      await opened.engine.write(
        [aDocument({ id: "change", title: "Velvet stool", attributes: [{ name: "hue", value: "ochre" }] })],
        [],
      );
      await opened.engine.write(
        [aDocument({ id: "change", version: 2, title: "Linen stool", brand: "Loom" })],
        [],
      );
      expect(await idsOf({ query: "velvet" })).toEqual([]);
      expect(await idsOf({ query: "linen" })).toEqual(["change"]);
      expect(await idsOf({ filters: { attributes: [{ name: "hue", values: ["ochre"] }] } })).toEqual([]);
    });
  });

  test("a rebuild takes in what is written meanwhile, and what is lost elsewhere is gone", async () => {
    await opened.engine.write([aDocument({ id: "peg", title: "Tent peg" })], []);
    await opened.engine.rebuild(
      (async function* () {
        yield { documents: catalogue.slice(0, 2), stock: [] };
        await opened.engine.write([aDocument({ id: "meanwhile", title: "Meanwhile mug" })], []);
        expect(await idsOf({ query: "peg", size: 1 })).toHaveLength(1);
        yield { documents: catalogue.slice(2), stock: [] };
      })(),
    );
    expect(await idsOf({ query: "meanwhile mug" })).toEqual(["meanwhile"]);
    expect(await opened.engine.count()).toBe(catalogue.length + 1);
    expect(await idsOf({ query: "peg" })).not.toContain("peg");
    expect(await opened.engine.isComplete()).toBe(true);
  });

  test("an index that is said to lack something answers on, and is whole when it was rebuilt", async () => {
    await opened.engine.markIncomplete();
    expect(await opened.engine.isComplete()).toBe(false);
    expect(await idsOf({ query: "meanwhile mug" })).toEqual(["meanwhile"]);
    await opened.engine.rebuild(
      (async function* () {
        yield { documents: catalogue, stock: [] };
      })(),
    );
    expect(await opened.engine.isComplete()).toBe(true);
  });

  test.runIf(name === "elasticsearch")(
    "what another instance writes during a rebuild, and during the switch, is in the new index; who searches sees no gap",
    async () => {
      await using other = await opened.another();
      const searching = new AbortController();
      const searches = (async () => {
        const firsts = new Set<string | undefined>();
        while (!searching.signal.aborted) {
          const { hits } = await other.search(aRequest({ query: catalogue[0]?.title ?? "" }));
          firsts.add(hits[0]?.id);
        }
        return firsts;
      })();
      const written: string[] = [];
      const writing = async () => {
        const id = `of the other ${written.length}`;
        await other.write([aDocument({ id, title: "Foreign teapot" })], [stock(`SKU-${id}`, 1, 1)]);
        written.push(id);
      };
      await opened.engine.rebuild(
        (async function* () {
          yield { documents: catalogue, stock: [] };
          for (let more = 0; more < 3; more++) await writing();
        })(),
      );
      await writing();
      searching.abort();
      expect([...(await searches)]).toEqual([catalogue[0]?.id]);
      expect((await idsOf({ query: "foreign teapot" })).toSorted()).toEqual(written.toSorted());
    },
  );

  test("what was written is there after a restart, with its versions", async () => {
    await opened.engine.write(
      [aDocument({ id: "kept", version: 7, title: "Durable anvil" })],
      [stock("SKU-kept", 4, 9)],
    );
    await opened.reopen();
    await opened.engine.write(
      [aDocument({ id: "kept", version: 6, title: "Late feather" })],
      [stock("SKU-kept", 0, 8)],
    );
    expect(await idsOf({ query: "durable anvil", filters: { inStock: true } })).toEqual(["kept"]);
    expect(await opened.engine.isComplete()).toBe(true);
  });
});
