import { request } from "undici";
import { withJoinedWords, withSplitCompound, withTypo } from "./alter-query.ts";
import { ndcg } from "./ndcg.ts";
import type { Rated } from "./read-judgements.ts";

/** A query's score; `first` are the ids of its first ten. */
export type Score = {
  /** As rated, and as sent. */
  rated: string;
  query: string;
  strict: number;
  condensed: number;
  first: string[];
  unrated: string[];
};

/** The queries as people typed them, or altered by program; `scores` has those that can be altered so, and scored. */
export type Judged = {
  title: string;
  scores: Score[];
  strict: number;
  condensed: number;
  /** The share of the first tens that is unrated. */
  unrated: number;
  meanMs: number;
};

/** Asks a shop's public API as a guest, in each of four ways, one query after the other. */
export async function judgeQueries(
  url: string,
  rated: readonly Rated[],
  words: ReadonlySet<string>,
): Promise<Judged[]> {
  const ways = {
    "as typed": (query: string) => query,
    "one random typo": (query: string) => withTypo(query),
    "a compound split": (query: string) => withSplitCompound(query, (word) => words.has(word)),
    "two words joined": withJoinedWords,
  };
  const judged: Judged[] = [];
  for (const [title, alter] of Object.entries(ways)) {
    const scores: Score[] = [];
    const startedMs = performance.now();
    for (const { query, ratings } of rated) {
      const altered = alter(query);
      if (altered === undefined || [...ratings.values()].every((rating) => rating === 0)) continue;
      const found = await recordsFound(url, altered);
      const isKnown = (id: string) => ratings.has(id);
      const first = found.slice(0, firstTen);
      scores.push({
        ...{ rated: query, query: altered, first, unrated: first.filter((id) => !isKnown(id)) },
        strict: ndcg(found, ratings),
        condensed: ndcg(found.filter(isKnown), ratings),
      });
    }
    const mean = (of: (score: Score) => number) =>
      scores.reduce((sum, score) => sum + of(score), 0) / Math.max(1, scores.length);
    judged.push({
      title,
      scores: scores.toSorted((one, other) => one.strict - other.strict),
      strict: mean(({ strict }) => strict),
      condensed: mean(({ condensed }) => condensed),
      unrated:
        mean(({ unrated }) => unrated.length) /
        Math.max(
          1,
          mean(({ first }) => first.length),
        ),
      meanMs: (performance.now() - startedMs) / Math.max(1, scores.length),
    });
  }
  return judged;
}

type Answer = { data: { search: { nodes: ({ slug: string } | null)[] } | null } };

const firstTen = 10;
/** Enough that unrated products can be taken out and ten are left. */
const depth = 100;

/** A product's slug ends in the id of the record that it was imported from. */
async function recordsFound(url: string, query: string): Promise<string[]> {
  const { statusCode, body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query:
        "query Judge($query: String, $first: Int) { search(query: $query, first: $first) { nodes { slug } } }",
      variables: { query, first: depth },
    }),
  });
  const text = await body.text();
  const nodes = statusCode === 200 ? (JSON.parse(text) as Answer).data.search?.nodes : undefined;
  if (!nodes) throw new Error(`${url} answered ${statusCode} to "${query}": ${text.slice(0, 300)}`);
  return nodes.flatMap((node) => (node ? [node.slug.slice(node.slug.lastIndexOf("-") + 1)] : []));
}
