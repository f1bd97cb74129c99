import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCatalogShop, record, usd } from "./fixtures.ts";
import { staffOf } from "./staff-acts.ts";

let it: Awaited<ReturnType<typeof openCatalogShop>>;
let our: ReturnType<typeof staffOf>;
beforeAll(async () => {
  it = await openCatalogShop();
  our = staffOf(it);
  await it.importOne("for-its-category");
});
afterAll(() => it.close());

const cafe = "Café";
const spellings: [string, string, string][] = [
  ["case", "Shoes", "SHOES"],
  ["blanks", "Shoes", " Shoes  "],
  ["a no-break space", "Red wine", "Red\u00a0wine"],
  ["composition", cafe, cafe.normalize("NFD")],
  ["an invisible character", "Shoes", "Sho\u200bes"],
  ["a mark of direction", "Shoes", "\u200eShoes"],
];

test.each(spellings)(
  "names that differ by %s are one category, one brand, one facet",
  async (kind, one, other) => {
    const named = (at: number, name: string) =>
      record(`${kind}-${at}`, {
        categoryPath: [`Root of ${kind}`, name],
        brand: `${name} ${kind}`,
        attributes: [{ name: `${name} ${kind}`, value: name }],
      });
    // In one import, and in another.
    await it.importAll([named(1, one), named(2, other)]);
    const { results } = await it.importAll([named(3, other), named(4, one)]);
    expect(results.map((it) => it.outcome)).toEqual(["CREATED", "CREATED"]);
    const { product } = await our.create(`hand of ${kind}`, {
      brand: `${other} ${kind}`,
      slug: null,
      attributes: [{ name: `${other} ${kind}`, value: other }],
    });
    const root = await eventually(async () => {
      const roots = await our.ask(
        `query { it: categories { name children { name products { nodes { id } } } } }`,
        {},
      );
      const found = roots.find(({ name }: { name: string }) => name === `Root of ${kind}`);
      return found?.children[0]?.products.nodes.length === 4 ? found : undefined;
    });
    expect(root.children).toMatchObject([{ name: one, products: { nodes: [{}, {}, {}, {}] } }]);
    const ids = [...root.children[0].products.nodes.map(({ id }: { id: string }) => id), product.id];
    const seen = new Set<string>();
    for (const id of ids) {
      const shown = await our.ask(
        `query ($id: ID!) { it: product(id: $id) { brand attributes { name value } } }`,
        { id },
      );
      seen.add(JSON.stringify(shown));
    }
    expect([...seen]).toEqual([
      JSON.stringify({ brand: `${one} ${kind}`, attributes: [{ name: `${one} ${kind}`, value: one }] }),
    ]);
  },
);

test.each([
  ["case", "Tell-1", "TELL-1"],
  ["a dash", "Tell-2", "Tell–2"],
  ["width", "Tell-3", "Ｔｅｌｌ-3"],
  ["a letter of another alphabet", "TEA-4", "ТЕА-4"],
  ["an invisible character", "Tell-5", "Tell\u2060-5"],
  ["composition", "Tellé-6", "Tellé-6".normalize("NFD")],
  ["blanks", "Tell 7", " Tell  7"],
])("SKUs that differ by %s are one", async (kind, one, other) => {
  const variants = (sku: string) => [{ sku, price: usd("1") }];
  const id = await it.importOne(`sku ${kind}`, { variants: variants(one) });
  const [taken] = (await it.importAll([record(`twin ${kind}`, { variants: variants(other) })])).results;
  expect(taken).toMatchObject({ outcome: "REJECTED", userErrors: [{ code: "CONFLICT" }] });
  expect((await our.create(other, { slug: null })).userErrors).toMatchObject([{ code: "CONFLICT" }]);
  const [both] = (
    await it.importAll([
      record(`both ${kind}`, {
        variants: [...variants(`${one}x`), { ...variants(`${other}x`)[0], title: "L" }],
      }),
    ])
  ).results;
  expect(both).toMatchObject({ outcome: "REJECTED", userErrors: [{ code: "INVALID_INPUT" }] });
  // Its own product may spell it otherwise, and it stays the same variant under the SKU that stock goes by.
  const { variants: before } =
    (await our.bySku(one)) &&
    (await our.ask(`query ($id: ID!) { it: product(id: $id) { variants { id sku } } }`, { id }));
  const [again] = (await it.importAll([record(`sku ${kind}`, { variants: variants(other) })])).results;
  expect(again?.outcome).toBe("UNCHANGED");
  expect(await our.bySku(other)).toMatchObject({ id: before[0].id, sku: one });
});

test("two variants with the same attributes, in whatever order and case, are refused", async () => {
  const options = (...values: string[]) =>
    values.map((value, at) => ({ name: ["Size", "Colour"][at] ?? "", value }));
  const made = (...of: { name: string; value: string }[][]) =>
    our.create("-", {
      slug: null,
      variants: of.map((attributes, at) => ({
        sku: `ALIKE-${at}`,
        title: `T${at}`,
        price: usd("1"),
        attributes,
      })),
    });
  const field = ["input", "variants", "1", "attributes"];
  const alike = { product: null, userErrors: [{ code: "INVALID_INPUT", field }] };
  expect(await made(options("M", "Red"), options("M", "Red"))).toMatchObject(alike);
  expect(await made(options("M", "Red"), options("m ", "RED").toReversed())).toMatchObject(alike);
  expect((await made(options("M", "Red"), options("M", "Blue"))).userErrors).toEqual([]);
});

test("a description keeps its paragraphs", async () => {
  const { product } = await our.create("PARAGRAPHS", {
    slug: null,
    description: " One \u200b\r\n\r\n\r\n\r\nTwo ",
  });
  const shown = await our.ask(`query ($id: ID!) { it: product(id: $id) { description } }`, {
    id: product.id,
  });
  expect(shown).toEqual({ description: "One\n\nTwo" });
});
