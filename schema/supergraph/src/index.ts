/** The composed supergraph, for the gateway. Its addresses are placeholders: a subgraph is found by its name. */
export const supergraphFile = new URL("../supergraph.graphql", import.meta.url);

/** The API schema: what clients see, without federation directives. */
export const apiFile = new URL("../api.graphql", import.meta.url);

/** The contract with clients: the API may have more, and lacks nothing of it but what `not-yet-implemented.ts` lists. */
export const contractFile = new URL("../contract.graphql", import.meta.url);
