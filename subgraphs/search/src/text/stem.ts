import snowball from "snowball-stemmers";
import type { Language } from "./language.ts";
import { englishSingular } from "./english-plurals.ts";
import { ApproximateLru } from "../cache/approximate-lru.ts";

/**
 * The word's stem. English words lose only their plural (measured as good as Porter, and the stem stays a word); other
 * languages use Snowball, with the plurals that it leaves apart.
 */
export function stem(word: string, language: Language): string {
  if (word.length < 3 || /\p{N}/u.test(word)) return word;
  if (language === "en") return englishSingular(word);
  if (word.length < 4) return word;
  return snowballStem(regularPlural(word, language), language);
}

/** A plural that Snowball keeps apart from its singular, in a form that it does not. */
function regularPlural(word: string, language: Language): string {
  // "lápices", "luces": the singular has a "z".
  if (language === "es") return word.replace(/([aeiou])ces$/, "$1z");
  // "bijoux", "jeux", "cheveux"; not adjectives such as "heureux".
  if (language === "fr")
    return word.replace(/((?:bij|caill|ch|gen|hib|jouj)ou|(?:j|f|chev|nev|li|vœ|voe)eu)x$/, "$1");
  // "Sofas", "Autos", "Babys": plurals of words that end in a vowel.
  if (
    language === "de" &&
    word.length > 4 &&
    !/(?:gl|gr|g|atl|anan|canv|pyjam)as$|(?:ch|k|kosm|alb|log)os$/.test(word)
  )
    return word.replace(/([aoy])s$/, "$1");
  return word;
}

/** The word's distinct stems in the languages; the first is the main language's. */
export function stemsOf(word: string, languages: readonly Language[]): string[] {
  return [...new Set(languages.map((language) => stem(word, language)))];
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
