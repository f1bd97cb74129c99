/** Languages with a stemmer and function words here. */
export const supportedLanguages = ["en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "no", "fi"] as const;

/** A supported language. */
export type Language = (typeof supportedLanguages)[number];

const functionWords: Record<Language, ReadonlySet<string>> = {
  en: wordSet("a an and the of for with in on to from by at or is are your this that it as"),
  de: wordSet(
    "der die das den dem des ein eine einen einem einer und oder fur mit von im am zu zum zur auf aus bei ist",
  ),
  fr: wordSet("le la les l un une des du de et ou pour avec sans sur dans en au aux par est d"),
  es: wordSet("el la los las un una unos unas y o de del para con sin en por al es"),
  it: wordSet("il lo la gli le un una uno e o di del della dei per con senza in da al su"),
  nl: wordSet("de het een en of van voor met zonder in op aan te uit bij is"),
  pt: wordSet("o a os as um uma e ou de do da dos das para com sem em no na por ao"),
  sv: wordSet("en ett och eller av for med utan i pa till fran den det de ar"),
  da: wordSet("en et og eller af for med uden i pa til fra den det de er"),
  no: wordSet("en et og eller av for med uten i pa til fra den det de er"),
  fi: wordSet("ja tai on se ne kanssa ilman"),
};

/** Whether the folded word is a function word (stop word) of the language. */
export function isFunctionWord(word: string, language: Language): boolean {
  return functionWords[language].has(word);
}

/** Function words that tie words as equals, and articles: a name goes on behind these. */
const joining = wordSet(
  "a an and the or der die das den dem des ein eine und oder le la les l un une et ou el los las y o e og och ja",
);

/** Whether the folded word is an article or ties words as equals. */
export function isJoining(word: string): boolean {
  return joining.has(word);
}

/** Whether the folded word is a preposition or the like: what stands behind it doesn't name the thing. */
export function isPreposition(word: string, language: Language): boolean {
  return isFunctionWord(word, language) && !joining.has(word);
}

/** Words that take away the word behind them ("non-stick", "sans fil"), or compare with the thing that follows, mostly of two words. */
const negators = new Map([
  ...[..."non without ohne sans sin senza zonder sem utan uden uten ilman".split(" ")].map(
    (word) => [word, 1] as const,
  ),
  ...[..."beyond unlike than".split(" ")].map((word) => [word, 2] as const),
]);

/** How many words behind this folded one are no property of the thing: it lacks them, or differs from them. */
export function negatedBehind(word: string): number {
  return negators.get(word) ?? 0;
}

/** Words that shoppers use and products don't, such as "best" and "cheap". */
const noiseWords: Partial<Record<Language, ReadonlySet<string>>> = {
  en: wordSet(
    "best better good great nice cheap cheapest cheaper affordable new newest buy i me my need want some",
  ),
  de: wordSet(
    "beste bester bestes besten gut gute guter gutes guten gunstig gunstige gunstiger gunstiges gunstigen " +
      "billig billige billiger billiges billigen neu neue neuer neues neuen kaufen",
  ),
  fr: wordSet(
    "meilleur meilleure meilleurs meilleures bon bonne bons bonnes pas cher chere chers cheres nouveau nouvelle acheter",
  ),
  es: wordSet(
    "mejor mejores buen bueno buena buenos buenas barato barata baratos baratas nuevo nueva nuevos nuevas comprar",
  ),
};

/** Words that distinguish one of a series from another, in any language. */
const gradeWords = wordSet(
  "pro plus max mini micro ultra lite air one ii iii iv series edition premium professional classic special new",
);

/** Whether the folded word only grades a thing: many titles end with it, and it names none. */
export function isGradeWord(word: string): boolean {
  return gradeWords.has(word);
}

/** Whether the folded word is noise: it praises a thing or asks for it, and doesn't say which. */
export function isNoiseWord(word: string, language: Language): boolean {
  return noiseWords[language]?.has(word) ?? false;
}

/** Whether the folded word is a function word of any language. */
export function isFunctionWordAnywhere(word: string): boolean {
  return supportedLanguages.some((language) => functionWords[language].has(word));
}

/** Letters that hint at a language; few of them count, since names have them too. */
const ownLetters: Partial<Record<Language, RegExp>> = {
  de: /[äöüß]/giu,
  fr: /[àâçèêëîïôùûœ]/giu,
  es: /[ñ¿¡áíóú]/giu,
  pt: /[ãõáíóúç]/giu,
  it: /[àèìòù]/giu,
  sv: /[åäö]/giu,
  da: /[åæø]/giu,
  no: /[åæø]/giu,
  fi: /[äö]/giu,
};
const maxOwnLetters = 2;
const minSigns = 2;

/**
 * Detects the language of a text among the shop's: the one with most signs, distinct function words and letters of its own.
 * Another language than the main one needs two signs, since a French or Spanish name makes no French or Spanish text.
 */
export function languageOf(
  text: string,
  words: readonly string[],
  languages: readonly [Language, ...Language[]],
): Language {
  let best = languages[0];
  if (languages.length === 1) return best;
  const signsOf = (language: Language) => {
    const functional = new Set(words.filter((word) => word.length > 1 && isFunctionWord(word, language)));
    const pattern = ownLetters[language];
    return functional.size + Math.min(maxOwnLetters, pattern ? (text.match(pattern)?.length ?? 0) : 0);
  };
  let most = Math.max(minSigns - 1, signsOf(best));
  for (const language of languages.slice(1)) {
    const signs = signsOf(language);
    if (signs > most) [best, most] = [language, signs];
  }
  return best;
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

/** Parses "en,de": the languages of the shop, the main one first. Throws on an unsupported one. */
export function readLanguages(list: string): [Language, ...Language[]] {
  const languages = list.split(",").map((code) => {
    const language = supportedLanguages.find((known) => known === code.trim().toLowerCase());
    if (!language) throw new Error(`expected languages of ${supportedLanguages.join(", ")}, got "${code}"`);
    return language;
  });
  const [first, ...others] = languages;
  return first ? [first, ...others] : ["en"];
}
