import { describe, expect, test } from "vitest";
import { aDocument } from "../../test/products.ts";
import { analyzeDocument } from "./analyze-document.ts";
import { tokensOf } from "./document-tokens.ts";
import { Lexicon } from "./lexicon.ts";
import { planQuery } from "./plan-query.ts";
import { queryWordsOf } from "./query-words.ts";
import { readSynonyms } from "./synonyms.ts";

const spoken = ["en"] as const;

function knowing(...titles: string[]): Lexicon {
  const lexicon = new Lexicon();
  for (const title of titles) {
    const analyzed = analyzeDocument(aDocument({ id: title, title }), [...spoken]);
    lexicon.add(tokensOf(analyzed, (term) => lexicon.learn(term, analyzed.written.get(term) ?? term)));
  }
  return lexicon;
}

function plan(query: string, lexicon: Lexicon, width: "plain" | "wide", synonyms = "") {
  const knowledge = { lexicon, synonyms: readSynonyms(synonyms, spoken), spoken };
  const { groups, correction } = planQuery(queryWordsOf(query, spoken), knowledge, width);
  return { groups: groups.map((group) => group.map(({ terms }) => terms.join(" "))), correction };
}

describe("a query is read", () => {
  test("word by word, without the small ones", () => {
    expect(plan("a stand for the kettles", knowing("kettle", "stand"), "plain").groups).toEqual([
      ["stand"],
      ["kettle"],
    ]);
    expect(plan("the of", knowing("x"), "plain").groups).toEqual([["the"], ["of"]]);
  });

  test("with what an acronym stands for, once three products have shown it, and the other way round", () => {
    const lexicon = knowing(
      "Fast light drone (FLD) one",
      "FLD fast light drone two",
      "FLD, a fast light drone",
    );
    expect(plan("fld", lexicon, "plain").groups).toEqual([["fld", "fast light drone"]]);
    expect(plan("fast light drone", lexicon, "plain").groups.at(-1)).toContain("fld");
    expect(plan("fld", knowing("Fast light drone (FLD)"), "plain").groups).toEqual([["fld"]]);
  });

  test("joined, if the joined word is known", () => {
    expect(plan("rain coat", knowing("raincoat"), "plain").groups).toEqual([
      ["rain", "raincoat"],
      ["coat", "raincoat"],
    ]);
  });

  test("with synonyms, of phrases too, when it is read widely", () => {
    const file = "couch, sofa\nair con, climate machine # a comment\npup => dog";
    const lexicon = knowing("couch", "air con", "pup");
    expect(plan("couch", lexicon, "plain", file).groups).toEqual([["couch"]]);
    expect(plan("couches", lexicon, "wide", file).groups).toEqual([["couch", "sofa"]]);
    expect(plan("air con", lexicon, "wide", file).groups).toEqual([
      ["air", "climate machine"],
      ["con", "climate machine"],
    ]);
    expect(plan("dog", knowing("dog"), "wide", file).groups).toEqual([["dog"]]);
  });
});

describe("an unknown word is read", () => {
  const lexicon = knowing("wireless kettle", "kettle", "copper kettle", "keyboard", "umbrella", "umbrellas");

  test.each(["ketle", "kettlle", "kettke", "ketlte"])("as the known one a slip away: %s", (typed) => {
    expect(plan(typed, lexicon, "wide")).toEqual({ groups: [["kettle"]], correction: "kettle" });
  });

  test("as one two slips away, if it is long", () => {
    expect(plan("unbrela", lexicon, "wide").correction).toBeNull();
    expect(plan("unbrellla", lexicon, "wide").correction).toBe("umbrella");
  });

  test("as two known ones that were joined", () => {
    expect(plan("copperkettle", lexicon, "wide")).toEqual({
      groups: [["copper"], ["kettle"]],
      correction: "copper kettle",
    });
  });

  test("as it is, if it is short or has digits", () => {
    expect(plan("kxy", lexicon, "wide").groups).toEqual([["kxy"]]);
    expect(plan("kettl3", lexicon, "wide").groups).toEqual([["kettl3"]]);
  });
});
