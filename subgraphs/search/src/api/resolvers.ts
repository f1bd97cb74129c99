import { unavailable, type Logger } from "@shop/service";
import { pageSize } from "@shop/values";
import { GraphQLError, type GraphQLResolveInfo, type SelectionSetNode } from "graphql";
import type { CachedSearch } from "../cache/result-cache.ts";
import type { Filters, Preferences, SearchEngine, SearchRequest, SearchResult } from "../engine/engine.ts";
import type { Resolvers, SearchConnection } from "../generated/resolvers.ts";
import { answeredInTime } from "../engine/answer-timeout.ts";
import { cursorOf } from "./cursor.ts";
import { readId, readRequest, readText } from "./read-request.ts";
import type { ActivityPublisher } from "../activity/publish-activity.ts";

/** The dependencies of the resolvers. */
type Deps = {
  search: CachedSearch["search"];
  suggest: SearchEngine["suggest"];
  preferencesOf: (customerId: string) => Promise<Preferences | undefined>;
  activity: Pick<ActivityPublisher, "recordSearch" | "recordView">;
  currency: string;
};

export function resolvers({ search, suggest, preferencesOf, activity, currency }: Deps): Resolvers {
  return {
    Query: {
      async search(_, args, { identity, log, requestId }, info) {
        const asked = readRequest(args, currency);
        const customerId = identity.kind === "user" ? identity.userId : null;
        const preferences = args.personalized && customerId ? await preferencesOf(customerId) : undefined;
        const request = {
          ...asked,
          wantsFacets: selects(info, "facets"),
          ...(preferences && { preferences }),
        };
        const result = await search(request).catch(engineFailed(log, requestId));
        const { totalCount, didYouMean } = result;
        // Another page or another filter of the same query is not recorded as a search.
        const isNew = !request.after && !hasFilters(request.filters);
        if (isNew) activity.recordSearch({ query: request.query, totalCount, didYouMean, customerId });
        return connectionOf(request, result);
      },
      async searchSuggestions(_, { prefix, first }, { log, requestId }) {
        const text = readText(prefix, "prefix");
        const asking = answeredInTime(suggest(text, pageSize(first, 8)));
        const found = await asking.catch(engineFailed(log, requestId));
        return {
          queries: found.queries,
          products: found.productIds.map((id) => ({ id })),
          categories: found.categoryIds.map((id) => ({ id })),
        };
      },
    },
    Mutation: {
      productView(_, { productId, query }, { identity }) {
        const id = readId(productId);
        const customerId = identity.kind === "user" ? identity.userId : null;
        const led = query === null || query === undefined ? "" : readText(query, "query");
        activity.recordView({ productId: id, query: led === "" ? null : led, customerId });
        return { product: { id } };
      },
    },
  };
}

function hasFilters(filters: Filters): boolean {
  return Object.keys(filters).some((name) => name !== "currency" && name !== "isPriced");
}

function engineFailed(log: Pick<Logger, "error">, requestId: string | undefined) {
  return (error: unknown): never => {
    // The engine's own refusal, such as under too much load.
    if (error instanceof GraphQLError) throw error;
    log.error({ requestId, err: error }, "the search engine failed");
    throw unavailable("Search does not answer now. Try again in a moment.");
  };
}

function connectionOf(request: SearchRequest, result: SearchResult): SearchConnection {
  const edges = result.hits.map(({ id, score, place, highlight }) => ({
    cursor: cursorOf(place, request.sort),
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
    relaxed: result.relaxed,
  };
}

// Counting facets is half the work of a search: done only where the field is selected.
function selects(info: GraphQLResolveInfo, field: string): boolean {
  const isIn = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((selection) => {
      if (selection.kind === "Field") return selection.name.value === field;
      if (selection.kind === "InlineFragment") return isIn(selection.selectionSet);
      return isIn(info.fragments[selection.name.value]?.selectionSet);
    }) ?? false;
  return info.fieldNodes.some((node) => isIn(node.selectionSet));
}
