import { expect, test } from "vitest";
import { languageOf } from "./language.ts";
import { stem } from "./stem.ts";

test.each([
  ["batteries", "battery"],
  ["switches", "switch"],
  ["boxes", "box"],
  ["cases", "case"],
  ["glass", "glass"],
  ["usb", "usb"],
  ["gps", "gps"],
])("English %s loses its plural: %s", (word, expected) => {
  expect(stem(word, "en")).toBe(expected);
});

test.each([
  "shelf shelves",
  "bookshelf bookshelves",
  "scarf scarves",
  "hoodie hoodies",
  "cookie cookies",
  "lens lenses",
  "mouse mice",
  "woman women",
  "glove gloves",
  "tomato tomatoes",
  "shoe shoes",
  "size sizes",
  "bus buses",
  "tv tvs",
])("English %s are one word", (forms) => {
  const [one = "", more = ""] = forms.split(" ");
  expect(stem(more, "en")).toBe(stem(one, "en"));
});

test.each([
  ["de", "sofas", "sofa"],
  ["de", "glaser", "glas"],
  ["de", "trinkglaser", "trinkglas"],
  ["fr", "bijoux", "bijou"],
  ["fr", "jeux", "jeu"],
  ["fr", "chapeaux", "chapeau"],
  ["es", "lapices", "lapiz"],
  ["es", "luces", "luz"],
  ["de", "kopfhorern", "kopfhorer"],
  ["fr", "ecouteurs", "ecouteur"],
  ["es", "zapatos", "zapato"],
] as const)("in %s, %s and %s are one word", (language, one, other) => {
  expect(stem(one, language)).toBe(stem(other, language));
});

test("a product's language shows in its small words", () => {
  const languages = ["en", "de", "fr"] as const;
  expect(languageOf("Schuh für den Herbst", ["schuh", "fur", "den", "herbst"], [...languages])).toBe("de");
  expect(languageOf("chaussures pour la pluie", ["chaussures", "pour", "la", "pluie"], [...languages])).toBe(
    "fr",
  );
  expect(languageOf("XR 200", ["xr", "200"], [...languages])).toBe("en");
});
