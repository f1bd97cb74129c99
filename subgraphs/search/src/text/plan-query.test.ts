import { describe, expect, test } from "vitest";
import { knowing } from "../../test/vocabularies.ts";
import type { Language } from "./language.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { queryPlans } from "./plan-query.ts";
import { queryWordsOf } from "./query-words.ts";
import { readSynonyms } from "./synonyms.ts";

const shopLanguages = ["en"] as const;

function readings(
  query: string,
  vocabulary: Vocabulary,
  synonyms = "",
  languages: readonly Language[] = shopLanguages,
) {
  const context = { vocabulary, synonyms: readSynonyms(synonyms, languages), languages };
  return [...queryPlans(queryWordsOf(query, languages), context)].map(({ groups, correction }) => ({
    groups: groups.map((group) => group.map(({ terms }) => terms.join(" "))),
    correction,
  }));
}

function plan(query: string, vocabulary: Vocabulary, width: "plain" | "wide", synonyms = "") {
  const found = readings(query, vocabulary, synonyms).at(width === "plain" ? 0 : -1);
  if (!found) throw new Error("a query is read at least once");
  return found;
}

describe("a query is read", () => {
  test("word by word, without the small ones", () => {
    expect(plan("a stand for the kettles", knowing("kettle", "stand"), "plain").groups).toEqual([
      ["stand"],
      ["kettle"],
    ]);
    expect(plan("the of", knowing("x"), "plain").groups).toEqual([["the"], ["of"]]);
  });

  test("without what only praises, if it names a thing", () => {
    const vocabulary = knowing("Blue kettle", "Red kettle", "Old kettle", "The best of Orla", "Orla new");
    expect(plan("the best cheap kettle", vocabulary, "plain").groups).toEqual([["kettle"]]);
    expect(plan("new orla", vocabulary, "plain").groups).toEqual([["new"], ["orla"]]);
    expect(plan("best", vocabulary, "plain").groups).toEqual([["best"]]);
  });

  test.each([
    "17 inch kettle",
    '17" kettle',
    "17-inch kettle",
    "17 in kettle",
    "17 Zoll kettle",
    "17″ kettle",
  ])("with its size as a number: %s", (query) => {
    expect(plan(query, knowing("kettle"), "plain").groups).toEqual([["17"], ["kettle"]]);
  });

  test("with a number that is no size as it is", () => {
    expect(plan("3 in 1 kettle", knowing("kettle"), "plain").groups).toEqual([["3"], ["1"], ["kettle"]]);
    expect(plan("A-100", knowing("kettle"), "plain").groups).toEqual([["a"], ["100"]]);
  });

  test("with what an acronym stands for, once three products have shown it, and the other way round", () => {
    const vocabulary = knowing(
      "Fast light drone (FLD) one",
      "FLD fast light drone two",
      "FLD, a fast light drone",
    );
    expect(plan("fld", vocabulary, "plain").groups).toEqual([["fld", "fast light drone"]]);
    expect(plan("fast light drone", vocabulary, "plain").groups.at(-1)).toContain("fld");
    expect(plan("fld", knowing("Fast light drone (FLD)"), "plain").groups).toEqual([["fld"]]);
  });

  test("joined, if the joined word is known", () => {
    expect(plan("rain coat", knowing("raincoat"), "plain").groups).toEqual([["raincoat", "rain coat"]]);
  });

  test("with synonyms, of phrases too, when it is read widely", () => {
    const file = "couch, sofa\nair con, climate machine # a comment\npup => dog";
    const vocabulary = knowing("couch", "air con", "pup");
    expect(plan("couch", vocabulary, "plain", file).groups).toEqual([["couch"]]);
    expect(plan("couches", vocabulary, "wide", file).groups).toEqual([["couch", "sofa"]]);
    expect(plan("air con", vocabulary, "wide", file).groups).toEqual([
      ["air", "climate machine"],
      ["con", "climate machine"],
    ]);
    expect(plan("dog", knowing("dog"), "wide", file).groups).toEqual([["dog"]]);
  });
});

describe("a query is read once more", () => {
  const file = "sofa, couch";

  test("corrected before it is read with synonyms, so that a slip finds what the right word finds", () => {
    const vocabulary = knowing("sofa", "red couch");
    expect(readings("soffa", vocabulary, file)).toEqual([
      { groups: [["soffa"]], correction: null },
      { groups: [["sofa"]], correction: "sofa" },
      { groups: [["sofa", "couch"]], correction: "sofa" },
    ]);
  });

  test("only in ways that differ", () => {
    expect(readings("red sofa", knowing("red sofa"))).toHaveLength(1);
  });

  test("with synonyms at once, if only they are what things are called here", () => {
    const sofas = ["Red sofa", "Blue sofa", "Old sofa", "Couch cover one", "Couch cover two"];
    const vocabulary = knowing(...sofas);
    expect(readings("couch", vocabulary, file)[0]?.groups).toEqual([["couch", "sofa"]]);
    expect(readings("sofa", vocabulary, file)[0]?.groups).toEqual([["sofa"]]);
    expect(readings("couch cover", knowing(...sofas, "Couch cover"), file)[0]?.groups).toEqual([
      ["couch"],
      ["cover"],
    ]);
  });
});

describe("an unknown word is read", () => {
  const vocabulary = knowing(
    "wireless kettle",
    "kettle",
    "copper kettle",
    "keyboard",
    "umbrella",
    "umbrellas",
  );

  test.each(["ketle", "kettlle", "kettke", "ketlte"])("as the known one a slip away: %s", (typed) => {
    expect(plan(typed, vocabulary, "wide")).toEqual({ groups: [["kettle"]], correction: "kettle" });
  });

  test("as one two slips away, if it is long", () => {
    expect(plan("unbrela", vocabulary, "wide").correction).toBeNull();
    expect(plan("unbrellla", vocabulary, "wide").correction).toBe("umbrella");
  });

  test("as two known ones that were joined", () => {
    expect(plan("copperkettle", vocabulary, "wide")).toEqual({
      groups: [["copper"], ["kettle"]],
      correction: "copper kettle",
    });
  });

  test("as two, not one that is far rarer, and with no ending inside", () => {
    const cards = Array.from({ length: 20 }, (_, at) => `memory card stick ${at}`);
    const ticks = Array.from({ length: 30 }, (_, at) => `tick remover ${at}`);
    expect(plan("memorystick", knowing(...cards, ...ticks, "memorytick"), "wide").correction).toBe(
      "memory stick",
    );
  });

  test("as what is written as it, when the stem is further away", () => {
    expect(plan("moues", knowing("mouse"), "wide").correction).toBe("mouse");
    expect(plan("leens", knowing("lens", "two lenses", "teen"), "wide").correction).toBe("lens");
  });

  test("as one that begins alike, of words as near", () => {
    const vocabulary = knowing("label", "cable", "cable", "cable");
    expect(plan("lable", vocabulary, "wide").correction).toBe("label");
  });

  test("as the word that was meant, not by a stem that it has by chance in another language", () => {
    const vocabulary = knowing(
      ...Array.from({ length: 9 }, (_, at) => `headset ${at}`),
      ..."head of ten".split(" "),
      "head",
    );
    const [typed, meant] = readings("headste", vocabulary, "", ["en", "de"]);
    expect(typed?.groups).toEqual([["headste"]]);
    expect(meant).toEqual({ groups: [["headset", "head"]], correction: "headset" });
  });

  test("as it is, if it is short or has digits", () => {
    expect(plan("kxy", vocabulary, "wide").groups).toEqual([["kxy"]]);
    expect(plan("kettl3", vocabulary, "wide").groups).toEqual([["kettl3"]]);
  });
});

describe("parts of a word are read", () => {
  test("with the synonyms of the whole", () => {
    expect(plan("rain coat", knowing("raincoat"), "wide", "raincoat, mackintosh").groups).toEqual([
      ["raincoat", "rain coat", "mackintosh"],
    ]);
  });

  test("side by side, if far more products have them than the whole", () => {
    const racks = Array.from({ length: 12 }, (_, at) => `rack handle steel ${at}`);
    expect(plan("rackhandle", knowing("rackhandle", ...racks), "plain").groups).toEqual([
      ["rackhandle", "rack handle"],
    ]);
    expect(plan("rackhandle", knowing("rackhandle", "rackhandle", ...racks), "plain").groups).toEqual([
      ["rackhandle"],
    ]);
  });

  test("as no slips, if the whole is known", () => {
    expect(plan("black berry", knowing("black jerry", "blackberry"), "wide").correction).toBeNull();
  });

  test("apart where letters and digits meet", () => {
    expect(plan("zx364b", knowing("ZX 364 B"), "wide")).toEqual({
      groups: [["zx"], ["364"], ["b"]],
      correction: "zx 364 b",
    });
  });
});

describe("what was meant is shown", () => {
  const german = ["en", "de"] as const;
  const meant = (query: string, ...titles: string[]) =>
    readings(query, knowing(...titles), "", german).at(-1)?.correction;

  test("as products write it", () => {
    expect(meant("Geschirrspühler", "Geschirrspüler")).toBe("geschirrspüler");
    expect(meant("schöne Tase", "schöne Tasse")).toBe("schöne tasse");
  });

  test("only if it differs in more than marks and endings", () => {
    expect(meant("Kuche", "Küche")).toBeNull();
    expect(meant("kettles", "kettle")).toBeNull();
  });

  test("and a word with ae for ä is no slip", () => {
    const [read] = readings("Kaese Kapitaen", knowing("Käse", "Kapitän"), "", german);
    expect(read?.groups.map(([first]) => first)).toEqual(["kase", "kapitan"]);
    expect(meant("Kaese Kapitaen", "Käse", "Kapitän")).toBeNull();
    expect(meant("blue", "blu ray", "blue")).toBeNull();
    expect(readings("Käse", knowing("Kaese", "Käse"), "", german)[0]?.groups).toEqual([
      ["kase", "kas", "kaese"],
    ]);
  });

  test("for a long word too", () => {
    expect(meant("Donaudampfschifffahrtsgesellshaft", "Donaudampfschifffahrtsgesellschaft")).toBe(
      "donaudampfschifffahrtsgesellschaft",
    );
  });
});

describe("a rare word is read", () => {
  const handles = Array.from({ length: 12 }, (_, at) => `handle ${at}`);

  const houses = Array.from({ length: 40 }, (_, at) => `house ${at}`);

  test("as itself first, then as a far more common word that begins alike, which is what may be meant", () => {
    expect(readings("hause", knowing("hause", ...houses))).toEqual([
      { groups: [["hause"]], correction: null },
      { groups: [["house", "hause"]], correction: "house" },
    ]);
    expect(readings("hause", knowing("hause", ...houses.slice(0, 19)))).toHaveLength(1);
    expect(readings("hause", knowing("hause", "hause two", "hause three", ...houses))).toHaveLength(1);
  });

  test("as the one whose last letter is missing, before others", () => {
    const caps = Array.from({ length: 30 }, (_, at) => `caps ${at}`);
    const capes = Array.from({ length: 20 }, (_, at) => `caper ${at}`);
    expect(plan("cape", knowing("cape", ...caps, ...capes), "wide").correction).toBe("caper");
  });

  test("as itself, however common a word is that it could be a slip of, if that begins otherwise", () => {
    expect(plan("candle", knowing("candle", ...handles), "wide")).toEqual({
      groups: [["candle"]],
      correction: null,
    });
  });

  test("as two words too, if these are far more common", () => {
    const racks = Array.from({ length: 12 }, (_, at) => `rack handle ${at}`);
    expect(plan("rackhandle", knowing("rackhandle", ...racks), "wide")).toEqual({
      groups: [
        ["rack", "rackhandle"],
        ["handle", "rackhandle"],
      ],
      correction: null,
    });
  });

  test("side by side only, where the second of them names nothing: apart they mean something else", () => {
    const plugs = Array.from({ length: 12 }, (_, at) => `micro plug, sine wave ${at}`);
    const context = knowing("Small microwave", ...plugs);
    expect(plan("microwave", context, "wide").groups).toEqual([["microwave", "micro wave"]]);
    expect(plan("microwaves", knowing(...plugs), "wide").groups).toEqual([["microwave", "micro wave"]]);
    expect(plan("micro wave", context, "plain").groups).toEqual([["microwave", "micro wave"]]);
  });
});
