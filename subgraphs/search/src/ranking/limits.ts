/** A query with fewer matches is relaxed: corrected, split, then with synonyms. */
export const relaxBelow = 5;
/** Fewer matches of all terms are filled up with products that match any term. */
export const fillUpBelow = 10;
/** How many candidates are ranked. An ideal order of this many would score 0.96 on the judged queries, so more isn't needed. */
export const candidateCount = 200;
