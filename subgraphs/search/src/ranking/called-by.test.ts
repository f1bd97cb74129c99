import { expect, test } from "vitest";
import { aDocument } from "../../test/products.ts";
import type { IndexDocument } from "../engine/engine.ts";
import { analyzeDocument } from "../text/analyze-document.ts";
import { tokensOf, type DocumentTokens } from "../text/document-tokens.ts";
import { Vocabulary } from "../text/vocabulary.ts";
import { calledBy } from "./called-by.ts";

function knowing(...given: Partial<IndexDocument>[]): { vocabulary: Vocabulary; tokens: DocumentTokens[] } {
  const vocabulary = new Vocabulary();
  const tokens = given.map((one, at) => {
    const analyzed = analyzeDocument(aDocument({ id: String(at), ...one }), ["en"]);
    return tokensOf(analyzed, (term) => vocabulary.intern(term, analyzed.surfaceForms.get(term) ?? term));
  });
  for (const each of tokens) vocabulary.add(each);
  return { vocabulary, tokens };
}

const category = (name: string) => [{ id: name, slug: name.toLowerCase(), name }];

/** Kettles and cosies of two brands, so that both nouns are the shop's. */
const shop = ["Orla", "Moss"].flatMap((brand) =>
  ["Kettle", "Cosy", "Lid"].flatMap((noun) => [1, 2].map((n) => ({ title: `${brand} ${noun} ${n}`, brand }))),
);

function sureness(...given: Partial<IndexDocument>[]): number[] {
  const { vocabulary, tokens } = knowing(...given, ...shop);
  return tokens.slice(0, given.length).map((each) => calledBy(each, [vocabulary.idOf("kettle")], vocabulary));
}

test("a product is called by the noun that its name ends with, and by its category", () => {
  expect(sureness({ title: "Tin kettle" }, { title: "Fern", categories: category("Kettles") })).toEqual([
    1, 1,
  ]);
});

test("a number, a measure and its own attribute values don't take a product's name away", () => {
  const attributes = [{ name: "colour", value: "Black" }];
  expect(
    sureness(
      { title: "Orla kettle 300 2 l" },
      { title: "Orla kettle black 1.7 l", attributes },
      { title: "Kettle, with a lid" },
    ),
  ).toEqual([1, 1, 1]);
});

test("what only belongs to the thing isn't called by it", () => {
  const [cosy, lid, beforeColon, unknown] = sureness(
    { title: "Kettle cosy" },
    { title: "Lid for a kettle" },
    { title: "Lid steel kettle" },
    { title: "Kettle widget" },
  );
  expect([cosy, lid]).toEqual([0, 0]);
  expect(beforeColon).toBeLessThan(0.5);
  expect(unknown).toBe(0.5);
});
