/** Tokens of a document; the widest operation of schema/operations has some hundred. */
export const maxTokens = 3_000;

export const maxDepth = 12;
export const maxAliases = 30;
export const maxDirectives = 30;

/** Mutations in one operation: a page has one or two, and thirty aliases would fill a store thirty times as fast. */
export const maxWrites = 10;

/** Objects that one answer may hold at most: some ten full pages, nested. */
export const maxCost = 20_000;

/** A budget of points is full again this long after its first charge. */
export const budgetWindowS = 10;

/** The points that one address, and one signed-in user, may spend in `budgetWindowS`, where the settings name no others. */
export const defaultBudgets = { perAddress: 200_000, perUser: 100_000 };
