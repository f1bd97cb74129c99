import { mainStem, type QueryWord } from "./query-words.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * Two words that the shop writes as one ("flash light"): they mean it, and count side by side only. The one word must name a
 * product, and not be a chance spelling of two words that are far more common.
 */
export function joinedCompounds(words: readonly QueryWord[], vocabulary: Vocabulary): QueryWord[] {
  const compounds: QueryWord[] = [];
  for (let at = 0; at < words.length; at++) {
    const [one, other] = [words[at], words[at + 1]];
    if (!one) break;
    const stems = (other?.stems ?? [])
      .map((stem) => one.folded + stem)
      .filter((term) => vocabulary.idOf(term) !== 0);
    if (
      !other ||
      stems.length === 0 ||
      other.isComplement !== one.isComplement ||
      !isCompound(stems, one, other)
    ) {
      compounds.push(one);
      continue;
    }
    const surfaceForm = `${one.surfaceForm} ${other.surfaceForm}`;
    compounds.push({
      ...one,
      folded: one.folded + other.folded,
      surfaceForm,
      stems,
      compound: [mainStem(one), mainStem(other)],
    });
    at++;
  }
  return compounds;

  function isCompound(stems: readonly string[], ...parts: QueryWord[]): boolean {
    const ids = stems.map((term) => vocabulary.idOf(term));
    const times = Math.max(...ids.map((id) => vocabulary.frequency(id)));
    const apart = parts.map((part) =>
      Math.max(...part.stems.map((term) => vocabulary.frequency(vocabulary.idOf(term)))),
    );
    return ids.some((id) => vocabulary.timesNamed(id) > 0) && times * chanceSpelling >= Math.min(...apart);
  }
}

/** How many times more products may have the rarer part than the one word. */
const chanceSpelling = 200;
