/** The composed supergraph, for the gateway. Its addresses are placeholders: a subgraph is found by its name. */
export const supergraphFile = new URL("../supergraph.graphql", import.meta.url);

/** What clients see of it, without any federation directive. */
export const apiFile = new URL("../api.graphql", import.meta.url);

/** What the API promises to its clients: it may have more, and nothing less but what `later.ts` lists. */
export const contractFile = new URL("../contract.graphql", import.meta.url);
