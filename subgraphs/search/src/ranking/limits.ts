/** Below this many matches a query is read more widely: corrected, split, with synonyms. */
export const relaxBelow = 5;
/** Below this, products that have only some of the words follow those that have all. */
export const fillUpBelow = 10;
/** The most that the ranking looks at; an oracle over as many reaches 0.96, so more isn't needed. */
export const candidateCount = 200;
