import { endOf, startOf, type DocumentTokens } from "../analysis/document-tokens.ts";
import type { Lexicon } from "../analysis/lexicon.ts";

/**
 * How much each candidate resembles, from 0 to 1, those candidates that are named by the query's noun: a bag for a
 * camera has the camera in its title, but not the rest of what cameras are described by. Whoever resembles them
 * as much as the least typical of them does gets 1: the order among cameras is for the words to decide.
 */
export function closenessToType(
  candidates: readonly DocumentTokens[],
  isNamedSo: readonly boolean[],
  lexicon: Lexicon,
): Float64Array | undefined {
  const members = isNamedSo.filter(Boolean).length;
  if (members === 0) return undefined;
  const vectors = new Describer(lexicon);
  const centroid = new Float64Array(lexicon.size);
  const closeness = new Float64Array(candidates.length);
  candidates.forEach((tokens, at) => {
    if (!isNamedSo[at]) return;
    const length = vectors.describe(tokens);
    vectors.forEach((id, weight) => (centroid[id] = (centroid[id] ?? 0) + weight / length));
  });
  candidates.forEach((tokens, at) => {
    const length = vectors.describe(tokens);
    let product = 0;
    vectors.forEach((id, weight) => (product += weight * (centroid[id] ?? 0)));
    closeness[at] = product / length;
  });
  const ofMembers = closeness.filter((_, at) => isNamedSo[at]).sort();
  const usual = ofMembers[Math.floor(members * leastTypicalShare)] || 1;
  return closeness.map((value) => Math.min(1, value / usual));
}

const leastTypicalShare = 0.1;
const describing = [0, 2, 3, 4];

/** The words of a document but its brand and ids, each once, the rarer the heavier. Reuses its memory: 200 are read a query. */
class Describer {
  private readonly lexicon: Lexicon;
  private readonly seenIn: Int32Array;
  private readonly ids = new Int32Array(4096);
  private count = 0;
  private round = 0;

  constructor(lexicon: Lexicon) {
    this.lexicon = lexicon;
    this.seenIn = new Int32Array(lexicon.size);
  }

  /** Returns the vector's length. */
  describe(tokens: DocumentTokens): number {
    this.count = 0;
    this.round++;
    let squares = 0;
    for (const field of describing) {
      const end = endOf(tokens, field);
      for (let at = startOf(tokens, field); at < end; at++) {
        const id = tokens[at] ?? 0;
        if (id === 0 || this.seenIn[id] === this.round || this.count === this.ids.length) continue;
        this.seenIn[id] = this.round;
        this.ids[this.count++] = id;
        squares += this.lexicon.rarity(id) ** 2;
      }
    }
    return Math.sqrt(squares) || 1;
  }

  forEach(visit: (id: number, weight: number) => void): void {
    for (let at = 0; at < this.count; at++) {
      const id = this.ids[at] ?? 0;
      visit(id, this.lexicon.rarity(id));
    }
  }
}
