/** The version of what the analysis writes into an index, whatever the engine: an index of another one is filled anew. */
export const analysisVersion = 5;
