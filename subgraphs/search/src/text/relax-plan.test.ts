import { describe, expect, test } from "vitest";
import { knowing, knowingDocuments } from "../../test/vocabularies.ts";
import { queryPlans } from "./plan-query.ts";
import { queryWordsOf } from "./query-words.ts";
import { relaxedPlan, relaxedWords } from "./relax-plan.ts";
import { readSynonyms } from "./synonyms.ts";
import type { Vocabulary } from "./vocabulary.ts";

const shopLanguages = ["en"] as const;

function groupsOf(query: string, vocabulary: Vocabulary): string[][] {
  const context = { vocabulary, synonyms: readSynonyms("", shopLanguages), languages: shopLanguages };
  const [first] = queryPlans(queryWordsOf(query, shopLanguages), context);
  return first?.groups.map((group) => group.map(({ terms }) => terms.join(" "))) ?? [];
}

describe("a query names a thing", () => {
  const nouns = ["cover", "kettle", "lamp"].flatMap((noun) =>
    ["Red", "Blue", "Old"].map((which) => `${which} ${noun}`),
  );
  const vocabulary = knowing(...nouns);

  test.each([
    ["old kettle", "kettle"],
    ["cover for a kettle", "cover"],
    ["kettle cover with lamp", "cover"],
    ["kettle 12 pro", "kettle"],
    ["zither 12 pro", "zither"],
  ])("%s: a %s", (query, expected) => {
    const context = { vocabulary, synonyms: readSynonyms("", shopLanguages), languages: shopLanguages };
    const [first] = queryPlans(queryWordsOf(query, shopLanguages), context);
    expect(first?.words[first.head]?.folded).toBe(expected);
  });

  test("and is relaxed to it, with neighbours, but not below a name of two words", () => {
    const synonyms = readSynonyms("kettle ~ samovar\nreading lamp, lectern light", shopLanguages);
    const context = { vocabulary, synonyms, languages: shopLanguages };
    const relaxed = (query: string) => {
      const [first] = queryPlans(queryWordsOf(query, shopLanguages), context);
      const less = first && relaxedPlan(first, context);
      return (
        less && { words: relaxedWords(less), names: less.groups.at(-1)?.map(({ terms }) => terms.join(" ")) }
      );
    };
    expect(relaxed("copper kettle")).toEqual({
      words: { dropped: ["copper"], kept: ["kettle"] },
      names: ["kettle", "samovar"],
    });
    expect(relaxed("kettle")).toEqual({ words: null, names: ["kettle", "samovar"] });
    expect(relaxed("blue reading lamp")?.words).toEqual({ dropped: ["blue"], kept: ["reading", "lamp"] });
    expect(relaxed("cover")).toBeUndefined();
  });
});

describe("a feature of products", () => {
  const cases = ["Red case", "Blue case", "Old case"].map((title) => ({ title }));
  const bags = ["Red bag", "Blue bag", "Old bag"].map((title) => ({ title }));
  const loaded = {
    title: "Lantern",
    attributes: ["waterproof", "wi fi", "bag included", "bag"].map((name) => ({ name, value: "Yes" })),
  };
  const vocabulary = knowingDocuments(...cases, ...bags, loaded);

  test("is found by its whole name, written in one word or two", () => {
    expect(groupsOf("waterproof case", vocabulary)[0]).toEqual(["waterproof", "+waterproof"]);
    expect(groupsOf("wifi case", vocabulary)[0]).toEqual(["wifi", "+wifi"]);
    expect(groupsOf("wi fi case", vocabulary).slice(0, 2)).toEqual([
      ["wi", "+wifi"],
      ["fi", "+wifi"],
    ]);
  });

  test("makes no match by a part of its name, nor by a thing that is wanted itself", () => {
    expect(groupsOf("included case", vocabulary)[0]).toEqual(["included"]);
    expect(groupsOf("bag", vocabulary)).toEqual([["bag"]]);
    expect(groupsOf("bag case", vocabulary)[0]).toEqual(["bag"]);
    expect(groupsOf("case with bag", vocabulary)[1]).toEqual(["bag", "+bag"]);
  });
});

describe("what a product lacks", () => {
  const vocabulary = knowing(
    "Non-stick pan",
    "Lamp without cable",
    "Better than laser printers",
    "Souris sans fil",
  );
  const known = (term: string) => vocabulary.idOf(term) > 0;

  test("is no word of it", () => {
    expect(["stick", "cable", "laser", "printer", "fil"].filter(known)).toEqual([]);
    expect(["nonstick", "-stick", "-cable", "-laser", "-printer", "-fil"].filter(known)).toHaveLength(6);
  });

  test("is found by those who want it without", () => {
    expect(groupsOf("sans fil", vocabulary)).toEqual([["-fil"]]);
    expect(groupsOf("lamp without cable", vocabulary)).toEqual([["lamp"], ["-cable"]]);
  });
});

test.each([
  ["D batteries", ["d", "battery"]],
  ["vitamin a", ["vitamin", "a"]],
  ["a lamp", ["lamp"]],
  ["écran d'ordinateur", ["ecran", "ordinateur"]],
  ["M8 x 20 screw", ["m8", "20", "screw"]],
  ["10/100 switch", ["10/100", "switch"]],
])("single letters and sizes are words where they name a thing: %s", (query, words) => {
  expect(queryWordsOf(query, ["en", "de", "fr", "es"]).map(({ stems: [stem] }) => stem)).toEqual(words);
});
