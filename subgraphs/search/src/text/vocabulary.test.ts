import { expect, test } from "vitest";
import { aDocument } from "../../test/products.ts";
import type { IndexDocument } from "../engine/engine.ts";
import { analyzeDocument } from "./analyze-document.ts";
import { tokensOf, type DocumentTokens } from "./document-tokens.ts";
import { Vocabulary } from "./vocabulary.ts";

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

test("what titles end with names a kind of thing, unless it is more often a mere value", () => {
  const port = [{ name: "port", value: "USB" }];
  const hubs = ["USB hub black", "USB hub white"].map((title) => ({ title }));
  const mice = ["Orla mouse", "Moss mouse", "Fern mouse"].map((title) => ({ title, attributes: port }));
  const wired = ["Orla mouse USB", "Moss mouse USB", "Fern mouse USB"].map((title) => ({ title }));
  const { vocabulary } = knowing(...hubs, ...mice, ...wired);
  expect(vocabulary.isTypeNoun(vocabulary.idOf("mouse"))).toBe(true);
  expect(vocabulary.isTypeNoun(vocabulary.idOf("usb"))).toBe(false);
});

test("a value that only repeats the category is no mere value", () => {
  const kettles = ["Kettle Glide", "Kettle Orla", "Kettle Moss"].map((title) => ({
    title,
    categories: category("Kettle"),
    attributes: [{ name: "type", value: "Kettle" }],
  }));
  const { vocabulary } = knowing(...kettles, { title: "Kettle cosy" });
  expect(vocabulary.isTypeNoun(vocabulary.idOf("kettle"))).toBe(true);
});

test("a product that is written again and again shows no more of an acronym than one does", () => {
  const { vocabulary, tokens } = knowing(
    { title: "Ultra slim button (USB)" },
    { title: "Ultra slim button, USB too" },
  );
  for (let times = 0; times < 5; times++) {
    for (const each of tokens) {
      vocabulary.remove(each);
      vocabulary.add(each);
    }
  }
  expect(vocabulary.spellOut("usb")).toEqual([]);
});
