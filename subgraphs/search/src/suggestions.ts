/** A query is offered to others only once it has been asked as often, so that nobody's slip is shown to all. */
export const timesAsked = 3;
/** Longer queries are not learned. */
export const longestLearned = 60;
/** A purchase says as much for the search that led to it as asking it five times. */
export const boughtWeight = 5;
