import { endOf, startOf, type DocumentTokens } from "../text/document-tokens.ts";
import type { Vocabulary } from "../text/vocabulary.ts";

/**
 * The similarity of each candidate, from 0 to 1, to the candidates of the query's product type: a bag for a camera has
 * "camera" in its title, but not the other words that describe cameras. The query's own words are left out, since all candidates
 * have them. A candidate as similar as the less typical members (their lowest quarter) gets 1: the order among cameras is up to
 * the words.
 */
export function typeSimilarity(
  candidates: readonly DocumentTokens[],
  isOfType: readonly boolean[],
  vocabulary: Vocabulary,
  leftOut: readonly number[],
): Float64Array | undefined {
  const members = isOfType.filter(Boolean).length;
  if (members === 0) return undefined;
  const scratch = scratchFor(vocabulary);
  const described = candidates.map((tokens) => describe(tokens, vocabulary, scratch, leftOut));
  const centroid = new Map<number, number>();
  described.forEach(({ from, to, length }, at) => {
    if (!isOfType[at]) return;
    for (let each = from; each < to; each++) {
      const id = scratch.ids[each] ?? 0;
      centroid.set(id, (centroid.get(id) ?? 0) + vocabulary.rarity(id) / length);
    }
  });
  for (const [id, weight] of centroid) scratch.centroid[id] = weight * vocabulary.rarity(id);
  const similarity = Float64Array.from(described, ({ from, to, length }) => {
    let product = 0;
    for (let each = from; each < to; each++) product += scratch.centroid[scratch.ids[each] ?? 0] ?? 0;
    return product / length;
  });
  for (const id of centroid.keys()) scratch.centroid[id] = 0;
  scratch.count = 0;
  const ofMembers = similarity.filter((_, at) => isOfType[at]).sort();
  const usual = ofMembers[Math.floor(members * leastTypicalShare)] || 1;
  return similarity.map((value) => Math.min(1, value / usual));
}

const leastTypicalShare = 0.25;
const describing = [0, 2, 3, 4];

// As long as the vocabulary; reused by all queries, since zeroing them for each cost more than the counting.
type Scratch = {
  centroid: Float64Array;
  seenIn: Int32Array;
  round: number;
  ids: Int32Array;
  count: number;
};

const scratches = new WeakMap<Vocabulary, Scratch>();

function scratchFor(vocabulary: Vocabulary): Scratch {
  const known = scratches.get(vocabulary);
  if (known && known.centroid.length >= vocabulary.size) return known;
  const size = vocabulary.size * 2;
  const fresh = {
    centroid: new Float64Array(size),
    seenIn: new Int32Array(size),
    round: 0,
    ids: new Int32Array(32_768),
    count: 0,
  };
  scratches.set(vocabulary, fresh);
  return fresh;
}

/** Lists the distinct words of a document without brand and ids; `length` is the length of the vector of their rarities. */
function describe(
  tokens: DocumentTokens,
  vocabulary: Vocabulary,
  scratch: Scratch,
  leftOut: readonly number[],
): { from: number; to: number; length: number } {
  if (scratch.count + tokens.length > scratch.ids.length) {
    const larger = new Int32Array(2 * (scratch.count + tokens.length));
    larger.set(scratch.ids);
    scratch.ids = larger;
  }
  const { ids, seenIn } = scratch;
  const from = scratch.count;
  const round = ++scratch.round;
  for (const id of leftOut) seenIn[id] = round;
  let to = from;
  let squares = 0;
  for (const field of describing) {
    const end = endOf(tokens, field);
    for (let at = startOf(tokens, field); at < end; at++) {
      const id = tokens[at] ?? 0;
      if (id === 0 || seenIn[id] === round) continue;
      seenIn[id] = round;
      ids[to++] = id;
      squares += vocabulary.rarity(id) ** 2;
    }
  }
  scratch.count = to;
  return { from, to, length: Math.sqrt(squares) || 1 };
}
