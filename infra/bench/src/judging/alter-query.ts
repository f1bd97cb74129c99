/** A number from 0 to 1 that follows from a text, so that each run alters alike. */
function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** One letter left out, doubled, changed or swapped in one word of four letters or more; undefined if there is none. */
export function withTypo(query: string, seed = 0): string | undefined {
  const words = query.split(" ");
  const long = words.flatMap((word, at) => (word.length >= 4 ? [at] : []));
  if (long.length === 0) return undefined;
  const pick = (count: number, what: string) => Math.floor(chanceOf(`${query} ${what} ${seed}`) * count);
  const at = long[pick(long.length, "word")] ?? 0;
  const word = words[at] ?? "";
  const place = pick(word.length, "place");
  const letter = String.fromCharCode(97 + pick(26, "letter"));
  const slips = [
    word.slice(0, place) + word.slice(place + 1),
    word.slice(0, place) + word.charAt(place) + word.slice(place),
    word.slice(0, place) + letter + word.slice(place + 1),
    word.slice(0, place) + word.charAt(place + 1) + word.charAt(place) + word.slice(place + 2),
  ];
  words[at] = slips[pick(slips.length, "slip")] ?? word;
  const altered = words.join(" ");
  return altered === query ? withTypo(query, seed + 1) : altered;
}

/** Two neighbouring words written as one; undefined for a single word. */
export function withJoinedWords(query: string): string | undefined {
  const words = query.split(" ");
  if (words.length < 2) return undefined;
  const at = Math.floor(chanceOf(`${query} join`) * (words.length - 1));
  words.splice(at, 2, `${words[at] ?? ""}${words[at + 1] ?? ""}`);
  return words.join(" ");
}

/** A compound written as two words; undefined if no word is made of two words that the collection knows. */
export function withSplitCompound(query: string, isWord: (word: string) => boolean): string | undefined {
  const words = query.split(" ");
  for (const [at, word] of words.entries()) {
    for (let cut = 3; cut + 3 <= word.length; cut++) {
      if (!isWord(word.slice(0, cut)) || !isWord(word.slice(cut))) continue;
      return [...words.slice(0, at), word.slice(0, cut), word.slice(cut), ...words.slice(at + 1)].join(" ");
    }
  }
  return undefined;
}
