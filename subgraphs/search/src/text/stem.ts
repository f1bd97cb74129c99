import snowball from "snowball-stemmers";
import type { Language } from "./language.ts";
import { ApproximateLru } from "../cache/approximate-lru.ts";

/** The word's stem. English words lose only their plural (measured as good as Porter, and the stem stays a word); other languages use Snowball. */
export function stem(word: string, language: Language): string {
  if (word.length < 4 || /\p{N}/u.test(word)) return word;
  return language === "en" ? withoutPlural(word) : snowballStem(word, language);
}

/** The word's distinct stems in the languages; the first is the main language's. */
export function stemsOf(word: string, languages: readonly Language[]): string[] {
  return [...new Set(languages.map((language) => stem(word, language)))];
}

function withoutPlural(word: string): string {
  if (!word.endsWith("s") || word.endsWith("ss") || word.endsWith("us") || word.endsWith("is")) return word;
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|x|z|ss)es$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

const algorithms: Record<Exclude<Language, "en">, string> = {
  de: "german",
  fr: "french",
  es: "spanish",
  it: "italian",
  nl: "dutch",
  pt: "portuguese",
  sv: "swedish",
  da: "danish",
  no: "norwegian",
  fi: "finnish",
};

type Stemmer = { stem(word: string): string };
const stemmers = new Map<Language, { stemmer: Stemmer; known: ApproximateLru<string, string> }>();
const maxCachedWords = 10_000;
/** No word of a language is longer, and a typed one may have 500 characters. */
const maxCachedWordLength = 60;

function snowballStem(word: string, language: Exclude<Language, "en">): string {
  let entry = stemmers.get(language);
  if (!entry) {
    entry = { stemmer: snowball.newStemmer(algorithms[language]), known: new ApproximateLru(maxCachedWords) };
    stemmers.set(language, entry);
  }
  let known = entry.known.get(word);
  if (known === undefined) {
    known = entry.stemmer.stem(word);
    if (word.length <= maxCachedWordLength) entry.known.set(word, known);
  }
  return known;
}
