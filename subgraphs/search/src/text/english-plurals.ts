// English plurals that no ending shows: closed classes, so the lists are complete for a shop's words. Two libraries were tried
// (pluralize, inflection): both miss "cookies", "hoodies" and "lens".

/** Whole words, and compounds of six letters or more that end in one ("bookshelves"). */
const irregular = new Map(
  Object.entries({
    tvs: "tv",
    pcs: "pc",
    cds: "cd",
    mice: "mouse",
    feet: "foot",
    teeth: "tooth",
    geese: "goose",
    men: "man",
    women: "woman",
    children: "child",
    shelves: "shelf",
    scarves: "scarf",
    knives: "knife",
    wives: "wife",
    lives: "life",
    loaves: "loaf",
    leaves: "leaf",
    halves: "half",
    calves: "calf",
    wolves: "wolf",
    hooves: "hoof",
    thieves: "thief",
    elves: "elf",
    lenses: "lens",
    buses: "bus",
    gases: "gas",
    canvases: "canvas",
    atlases: "atlas",
    bonuses: "bonus",
    viruses: "virus",
    cactuses: "cactus",
    irises: "iris",
    axes: "axe",
    quizzes: "quiz",
  }),
);
const compounding = /(?:women|children|shelves|scarves|knives|loaves|wolves|lenses|feet|teeth)$/;

/** Singulars that end in "s", besides those in "ss", "us" and "is". */
const singular = new Set([
  "lens",
  "canvas",
  "atlas",
  "christmas",
  "news",
  "series",
  "species",
  "bias",
  "alias",
  "always",
]);

/** Nouns in "ie": the plural of others in "ies" ends in "y". */
const endingInIe =
  /(?:cook|hood|mov|self|zomb|brown|smooth|ones|calor|bean|boot|veg|vegg|night|pant|neckt|bowt|magp|walk|talk|gen|pix|bird|food|hipp|junk|doll|aux|freeb|sweet|cut|linger|prair|rook|budg|coll|cadd)ies$/;

/** The singular of a word, or the word itself. */
export function englishSingular(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (word.length < 4) return word;
  const [ending] = compounding.exec(word) ?? [];
  if (ending !== undefined) return word.slice(0, -ending.length) + (irregular.get(ending) ?? ending);
  if (!/[^sui]s$/.test(word) || singular.has(word)) return word;
  if (word.endsWith("ies") && word.length > 4 && !endingInIe.test(word)) return `${word.slice(0, -3)}y`;
  if (word.endsWith("oes") && !/(?:sh|can|ob|tipt|^[a-z])oes$/.test(word)) return word.slice(0, -2);
  if (/(?:[^a]ch|[eo]ach|sh|x|zz|tz|ss)es$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}
