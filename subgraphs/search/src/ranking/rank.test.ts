import { expect, test } from "vitest";
import { aDocument } from "../../test/products.ts";
import { analyzeDocument } from "../text/analyze-document.ts";
import { tokensOf } from "../text/document-tokens.ts";
import { Vocabulary } from "../text/vocabulary.ts";
import { queryPlans } from "../text/plan-query.ts";
import { emptyPlan } from "../text/query-plan.ts";
import { noSynonyms } from "../text/synonyms.ts";
import { queryWordsOf } from "../text/query-words.ts";
import type { IndexDocument } from "../engine/engine.ts";
import { isExactly, rank } from "./rank.ts";

function read(query: string, given: readonly Partial<IndexDocument>[]) {
  const vocabulary = new Vocabulary();
  const documents = given.map((one, at) => aDocument({ id: String(at), ...one }));
  const tokens = documents.map((document) => {
    const analyzed = analyzeDocument(document, ["en"]);
    return tokensOf(analyzed, (term) => vocabulary.intern(term, term));
  });
  for (const each of tokens) vocabulary.add(each);
  const context = { vocabulary, synonyms: noSynonyms, languages: ["en"] as const };
  const [plan = emptyPlan] = queryPlans(queryWordsOf(query, ["en"]), context);
  return { documents, tokens, vocabulary, plan };
}

function order(query: string, ...given: Partial<IndexDocument>[]): string[] {
  const { documents, tokens, vocabulary, plan } = read(query, given);
  const scores = rank(plan, tokens, vocabulary);
  return documents
    .map(({ title }, at) => ({ title, score: scores[at] ?? 0 }))
    .sort((one, other) => other.score - one.score)
    .map(({ title }) => title);
}

test("a word in the title counts more than in the description", () => {
  expect(order("kettle", { title: "Stove", description: "for any kettle" }, { title: "Kettle" })[0]).toBe(
    "Kettle",
  );
});

test("all words count more than one of them often", () => {
  const [first] = order(
    "copper kettle",
    { title: "Kettle kettle kettle" },
    { title: "A stove, copper", description: "kettle" },
  );
  expect(first).toBe("A stove, copper");
});

test("words side by side count more than apart", () => {
  const [first] = order("copper kettle", { title: "Kettle of copper" }, { title: "Copper kettle one" });
  expect(first).toBe("Copper kettle one");
});

test("a rare word counts more than a common one", () => {
  const common = Array.from({ length: 9 }, (_, at) => ({ title: `Blue mug ${at}` }));
  const [first] = order("blue samovar", ...common, { title: "Samovar red" });
  expect(first).toBe("Samovar red");
});

test("the thing itself comes before what belongs to it", () => {
  const cameras = Array.from({ length: 4 }, (_, at) => ({
    title: `Orla camera ${at}0`,
    attributes: [
      { name: "sensor", value: "cmos sensor" },
      { name: "zoom", value: "optical zoom" },
    ],
  }));
  const bag = { title: "Camera bag", attributes: [{ name: "material", value: "nylon" }] };
  const bags = ["Canvas bag", "Leather bag", "Beach bag"].map((title) => ({ title }));
  expect(order("camera", bag, ...cameras, ...bags).indexOf("Camera bag")).toBe(cameras.length);
});

test("a thing of the kind that lacks the rarer word comes after what has it", () => {
  const stands = ["Iron stand", "Wooden stand", "Glass stand", "Tall stand", "Low stand"];
  const samovars = ["Samovar lid", "Samovar tap"];
  const others = Array.from({ length: 10 }, (_, at) => `Mug ${at}`);
  const ranked = order("samovar stand", ...[...stands, ...others, ...samovars].map((title) => ({ title })), {
    title: "Samovar stand",
  });
  expect(ranked.slice(0, 3)).toEqual(["Samovar stand", ...samovars]);
});

test.each([
  ["its whole title", "copper kettle", true],
  ["its whole id", "NV 200/T", true],
  ["another of its ids", "00012345678", true],
  ["a word of an id that is prose", "orla", false],
  ["a part of its title", "kettle", false],
])("a product is exactly asked for by %s", (_, query, isAsked) => {
  const ids = ["NV-200/T", "00012345678", "fits the samovars of Orla"];
  const { tokens, vocabulary, plan } = read(query, [{ title: "Copper kettle", ids }]);
  expect(tokens.map((each) => isExactly(plan, each, vocabulary))).toEqual([isAsked]);
});

test("what has the number as its id comes before what has it in its title", () => {
  const mugs = Array.from({ length: 9 }, (_, at) => ({ title: `Set of 8 mugs, 8 saucers ${at}` }));
  const kettle = { title: "Kettle", ids: ["8"], description: "a long word about kettles ".repeat(9) };
  expect(order("8", ...mugs, kettle)[0]).toBe("Kettle");
});
