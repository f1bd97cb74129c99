import { unavailable } from "@shop/service";
import { pageSize } from "@shop/values";
import type { GraphQLResolveInfo, SelectionSetNode } from "graphql";
import { cachedSearch } from "./cached-search.ts";
import type { SearchEngine, SearchRequest, SearchResult } from "./engine.ts";
import type { Resolvers, SearchConnection } from "./generated/resolvers.ts";
import { cursorOf, readRequest, readText } from "./read-request.ts";

type Needs = { engine: SearchEngine; currency: string };

export function resolversOf({ engine, currency }: Needs): Resolvers {
  const search = cachedSearch(engine);
  return {
    Query: {
      async search(_, args, { log }, info) {
        const request = { ...readRequest(args, currency), wantsFacets: selects(info, "facets") };
        const result = await search(request).catch((error: unknown) => {
          log.error({ err: error }, "the search engine failed");
          throw unavailable("Search does not answer now. Try again in a moment.");
        });
        return connectionOf(request, result);
      },
      async searchSuggestions(_, { prefix, first }, { log }) {
        const text = readText(prefix, "prefix");
        const found = await engine.suggest(text, pageSize(first, 8)).catch((error: unknown) => {
          log.error({ err: error }, "the search engine failed");
          throw unavailable("Search does not answer now. Try again in a moment.");
        });
        return {
          queries: found.queries,
          products: found.productIds.map((id) => ({ id })),
          categories: found.categoryIds.map((id) => ({ id })),
        };
      },
    },
  };
}

function connectionOf(request: SearchRequest, result: SearchResult): SearchConnection {
  const edges = result.hits.map(({ id, score, place, highlight }) => ({
    cursor: cursorOf(place),
    node: { id },
    score,
    highlight,
  }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: result.hasNextPage,
      hasPreviousPage: request.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: result.totalCount,
    facets: result.facets,
    didYouMean: result.didYouMean,
  };
}

// Counting facets is half the work of a search: only done for who wants them.
function selects(info: GraphQLResolveInfo, field: string): boolean {
  const isIn = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((selection) => {
      if (selection.kind === "Field") return selection.name.value === field;
      if (selection.kind === "InlineFragment") return isIn(selection.selectionSet);
      return isIn(info.fragments[selection.name.value]?.selectionSet);
    }) ?? false;
  return info.fieldNodes.some((node) => isIn(node.selectionSet));
}
