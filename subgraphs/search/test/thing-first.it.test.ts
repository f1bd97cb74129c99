import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IndexDocument, SearchRequest } from "../src/engine/engine.ts";
import { anEngine, engineNames } from "./engines.ts";
import { aDocument, aRequest, inStock } from "./products.ts";

const brands = ["Orla", "Moss", "Fern"];
const black = [{ name: "Colour", value: "Black" }];
const titled = (title: string, more: Partial<IndexDocument> = {}) => aDocument({ id: title, title, ...more });

const kettles = brands.flatMap((brand) =>
  [1, 2, 3, 4].map((n) =>
    titled(`${brand} K${n} kettle black 1.7 l with a long name of steel, glass and cork`, {
      brand,
      attributes: black,
    }),
  ),
);
const copperKettle = titled("Fern copper kettle 2 l", { brand: "Fern" });
// More than the candidates that are ranked, with titles that are shorter than a kettle's.
const accessories = Array.from({ length: 230 }, (_, at) =>
  titled(`Kettle ${at % 2 === 0 ? "cosy" : "filter"} ${at}`, { brand: brands[at % 3] ?? "" }),
);
const others = [
  titled("Copper wire"),
  titled("Orla headset 500", { brand: "Orla" }),
  ...["Orla", "Moss", "Fern"].map((brand) => titled(`${brand} headphones`, { brand })),
  titled("Stand, holds a headset"),
  titled("Pan, non-stick"),
  titled("Glue stick"),
  titled("Switch 10/1000, 8 ports"),
  titled("Small microwave"),
  titled("Micro plug", { description: "for a sine wave" }),
  titled("Wall shelf"),
  titled("Two shelves"),
  titled("Camcorder", {
    attributes: [
      { name: "Satchel included", value: "Yes" },
      { name: "Waterproof", value: "Yes" },
    ],
  }),
  titled("D cell battery"),
  titled("Flat battery"),
  titled("Screw M8 x 20"),
];
const shop = [...kettles, copperKettle, ...accessories, ...others];

describe.each(engineNames)("%s", (name) => {
  let opened: Awaited<ReturnType<typeof anEngine>>;

  beforeAll(async () => {
    opened = await anEngine(name);
    await opened.engine.write(
      shop,
      shop.flatMap(({ id, skus }) => skus.map((sku) => inStock(sku, id))),
    );
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  const find = (given: Partial<SearchRequest>) => opened.engine.search(aRequest({ size: 20, ...given }));
  const idsOf = async (query: string) => (await find({ query })).hits.map(({ id }) => id);

  test("what a query names comes before what only has its word, though hundreds have it in shorter titles", async () => {
    const found = await idsOf("kettle");
    expect(found.slice(0, 13).sort()).toEqual([...kettles, copperKettle].map(({ id }) => id).sort());
  });

  test("a query with few matches keeps what it names, and the answer says what it dropped", async () => {
    const { hits, relaxed } = await find({ query: "copper kettle" });
    expect(hits[0]?.id).toBe(copperKettle.id);
    expect(
      hits
        .slice(1, 13)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(kettles.map(({ id }) => id).sort());
    expect(hits.map(({ id }) => id)).not.toContain("Copper wire");
    expect(relaxed).toEqual({ dropped: ["copper"], kept: ["kettle"] });
    expect((await find({ query: "kettle" })).relaxed).toBeNull();
  });

  test("a filter changes neither how a query is read nor what is dropped", async () => {
    const { hits, relaxed } = await find({ query: "copper kettle", filters: { brands: ["Moss"] } });
    expect(hits.length).toBeGreaterThan(0);
    expect(relaxed).toEqual({ dropped: ["copper"], kept: ["kettle"] });
  });

  test("nothing is better than what has only the lesser word", async () => {
    expect(await find({ query: "copper zither" })).toMatchObject({ hits: [], totalCount: 0, relaxed: null });
  });

  test("neighbours follow the thing itself, before what only mentions it", async () => {
    const found = await idsOf("headset");
    expect(found[0]).toBe("Orla headset 500");
    expect(found).toEqual(expect.arrayContaining(["Orla headphones", "Moss headphones", "Fern headphones"]));
  });

  test.each([
    ["stick", ["Glue stick"]],
    ["1000", []],
    ["10/1000 switch", ["Switch 10/1000, 8 ports"]],
    ["satchel", []],
    ["waterproof camcorder", ["Camcorder"]],
    ["D batteries", ["D cell battery"]],
    ["m8x20", ["Screw M8 x 20"]],
    ["m8 x 20", ["Screw M8 x 20"]],
    ["microwave", ["Small microwave"]],
    ["micro wave", ["Small microwave"]],
  ])("%s finds %j first, and not its scattered parts", async (query, expected) => {
    expect((await idsOf(query)).slice(0, 1)).toEqual(expected);
    expect(await idsOf(query)).not.toContain("Micro plug");
  });

  test.each(["shelf", "shelves"])("%s finds one and more", async (query) => {
    expect((await idsOf(query)).sort()).toEqual(["Two shelves", "Wall shelf"]);
  });
});
