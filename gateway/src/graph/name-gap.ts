import type { GraphQLDataSource } from "@apollo/gateway";
import { GraphQLError, Kind, parse } from "graphql";
import type { RequestContext } from "../request-context.ts";

export type DataSource = GraphQLDataSource<RequestContext>;
export type FetchOptions = Parameters<DataSource["process"]>[0];
export type FetchResult = Awaited<ReturnType<DataSource["process"]>>;

/**
 * What stands in the client's answer in place of a fetch that failed. For fields at the root, an error for each;
 * further down one error is thrown, at the last place that can be named: inside of lists only the list itself can.
 */
export function nameGap(error: GraphQLError, options: FetchOptions): FetchResult {
  const place = "pathInIncomingRequest" in options ? (options.pathInIncomingRequest ?? []) : [];
  if (place.length === 0) {
    const { message, extensions } = error;
    return {
      errors: rootFieldsOf(options.request.query ?? "").map((name) => ({
        message,
        extensions,
        path: [name],
      })),
    };
  }
  const list = place.indexOf("@");
  const path = list === -1 ? place : place.slice(0, list);
  throw new GraphQLError(error.message, { path, extensions: error.extensions });
}

function rootFieldsOf(query: string): string[] {
  const operation = parse(query).definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return [];
  return operation.selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [(selection.alias ?? selection.name).value] : [],
  );
}
