import { fold } from "../text/fold.ts";

/** A query is suggested once so many shoppers have asked it: one shopper's misspelling or secret is never shown to others. */
export const minTimesAsked = 3;
/** Bound of the queries that were asked too seldom to be suggested: above it they are deleted, within the hour. */
export const maxRareQueries = 200_000;
/** A purchase counts as much for the query that led to it as five shoppers who ask it. */
export const purchaseWeight = 5;
const maxQueryLength = 60;
const maxAskers = 10;

/** How often a query was asked, and its last askers. */
export type QueryCount = { times: number; askers: readonly string[] };

/** The asker of a query. Each customer counts once; all guests of a day count as one, since nothing distinguishes them. */
export function askerOf(customerId: string | null, at: string): string {
  return customerId ?? `guest of ${at.slice(0, 10)}`;
}

/** Counts an asker who is not among the last ones. */
export function countAsker({ times, askers }: QueryCount, asker: string): QueryCount {
  if (askers.includes(asker)) return { times, askers };
  return { times: times + 1, askers: [...askers, asker].slice(-maxAskers) };
}

/** A query as it is suggested; undefined if it is too short or too long, or may contain an e-mail address. */
export function suggestible(query: string): string | undefined {
  const text = fold(query).trim();
  const isTooLong = text.length > maxQueryLength;
  // Postgres keeps no zero characters.
  return text.length < 2 || isTooLong || /[@\0]/.test(text) ? undefined : text;
}
