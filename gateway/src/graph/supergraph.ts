import { randomUUID } from "node:crypto";
import { executeQueryPlan } from "@apollo/gateway";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner, type QueryPlan } from "@apollo/query-planner";
import { sharedResolvers } from "@shop/service/scalars";
import { getOperationAST, GraphQLError, GraphQLScalarType, isScalarType } from "graphql";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { badUserInput } from "../errors/coded-errors.ts";
import { responseShape, countShapes, type ResponseShape } from "./response-shape.ts";
import { fetchedData } from "./fetched-data.ts";
import { fragmentsOf, type Fragments } from "./fragments-of.ts";
import { scopeGuest, carriesProofs } from "./guest-proof-scope.ts";
import { PlanCache, type ValidatedOperation } from "./plan-cache.ts";
import {
  clientNames,
  clientPath,
  refuseAliasLikeFields,
  renameAliases,
  renamedVariables,
  type RenamedDocument,
} from "./rename-aliases.ts";
import { unshapedOperation } from "./unshaped-operation.ts";
import type { RequestContext } from "../request-context.ts";

type ServiceMap = Parameters<typeof executeQueryPlan>[1];
type GatewayRequestContext = Parameters<typeof executeQueryPlan>[2];
export type ExecutionResponse = Awaited<ReturnType<typeof executeQueryPlan>>;

/** A planned operation: all that is known of it before its variables are. */
export interface PlannedOperation {
  /** As the client wrote it. */
  operation: OperationDefinitionNode;
  /** The planned and executed operation, in the gateway's own names. */
  renamed: Pick<RenamedDocument, "aliases" | "variables"> & {
    operation: OperationDefinitionNode;
    fragments: Fragments;
  };
  /** The operation as the executor gets it where the gateway shapes the answer. */
  unshaped: OperationDefinitionNode;
  queryPlan: QueryPlan;
  /** The name of the operation in its guests' identities, where fetches carry proofs; undefined where none does. */
  proofScope: string | undefined;
  /** Cuts the answer out of the fetched data; undefined where @apollo/gateway does that. */
  shape: ResponseShape | undefined;
  /** How many response shapes may be compiled. */
  shapes: number;
  /** Whether it is one of schema/operations: its plan stays, and so do the compiled queries of its fetches in subgraphs. */
  isKnown: boolean;
}

/** The composed graph: its public schema, and planning and execution over it. */
export class LoadedSupergraph {
  readonly sdl: string;
  readonly apiSchema: GraphQLSchema;
  readonly serviceNames: string[];
  readonly #api: ReturnType<Supergraph["apiSchema"]>;
  readonly #joined: GraphQLSchema;
  readonly #planner: QueryPlanner;
  readonly #plans = new PlanCache<PlannedOperation>();

  constructor(sdl: string) {
    const supergraph = Supergraph.build(sdl, { validateSupergraph: false });
    this.sdl = sdl;
    this.#api = supergraph.apiSchema();
    this.apiSchema = withScalars(this.#api.toGraphQLJSSchema());
    this.#joined = supergraph.schema.toGraphQLJSSchema();
    refuseAliasLikeFields(this.#joined);
    this.#planner = new QueryPlanner(supergraph);
    this.serviceNames = supergraph.subgraphsMetadata().map(({ name }) => name);
  }

  /** Throws a GraphQLError for what can't be planned. */
  plan(validated: ValidatedOperation): PlannedOperation {
    return this.#plans.find(validated, () => this.#planAnew(validated));
  }

  /** Whether the operation's plan is cached. */
  isPlanned(validated: ValidatedOperation): boolean {
    return this.#plans.has(validated);
  }

  /** Plans one of the shop's own operations, for good. */
  planKnown(validated: ValidatedOperation): void {
    this.#plans.pin(validated, { ...this.#planAnew(validated), isKnown: true });
  }

  #planAnew({ document: given, operation }: ValidatedOperation): PlannedOperation {
    const { document, aliases, variables } = renameAliases(given);
    const fragments = fragmentsOf(document);
    const name = operation.name?.value;
    const renamed = getOperationAST(document, name);
    if (!renamed) throw new Error("An operation that was validated is gone");
    const options = name === undefined ? {} : { operationName: name };
    const queryPlan = this.#planner.buildQueryPlan(this.#plannable(document, options));
    const shape = responseShape(this.apiSchema, renamed, fragments, aliases);
    return {
      operation,
      renamed: { operation: renamed, fragments, aliases, variables },
      unshaped: unshapedOperation(renamed, fragments),
      queryPlan,
      proofScope: carriesProofs(queryPlan) ? randomUUID() : undefined,
      shape,
      shapes: countShapes(renamed, fragments),
      isKnown: false,
    };
  }

  /** The planner refuses a little that GraphQL's validation lets pass: a mistake of the client's, and no fault. */
  #plannable(...read: [DocumentNode, { operationName?: string }]): ReturnType<typeof operationFromDocument> {
    try {
      return operationFromDocument(this.#api, ...read);
    } catch (error) {
      if (error instanceof GraphQLError && error.extensions["code"] === "INVALID_GRAPHQL")
        throw badUserInput(error);
      throw error;
    }
  }

  async execute(
    { renamed, unshaped, queryPlan, proofScope, shape }: PlannedOperation,
    services: ServiceMap,
    given: Record<string, unknown>,
    context: RequestContext,
  ): Promise<ExecutionResponse> {
    const schema = this.apiSchema;
    scopeGuest(context, { proofScope }, given);
    const variables = renamedVariables(renamed, given);
    // executeQueryPlan reads nothing else of a request.
    const request = { request: { variables }, context, metrics: {} } as unknown as GatewayRequestContext;
    const run = async (from: ServiceMap, operation: OperationDefinitionNode, fragments: Fragments) => {
      const operationContext = { schema, operation, fragments };
      const answer = await executeQueryPlan(
        queryPlan,
        from,
        request,
        operationContext,
        this.#joined,
        this.#api,
      );
      const errors = answer.errors?.map((error) => withClientPath(error, renamed.aliases));
      return errors ? { ...answer, errors } : answer;
    };
    if (!shape) {
      const answer = await run(services, renamed.operation, renamed.fragments);
      const { data } = answer;
      return data ? { ...answer, data: clientNames(data, renamed.aliases) as typeof data } : answer;
    }
    const { recorded, data } = fetchedData(services);
    const { errors } = await run(recorded, unshaped, {});
    if (errors) return { errors, data: shape(data, variables).data };
    return shaped(shape, data, variables);
  }

  /** The answer from data that is all there already, without errors; undefined for an operation that must be executed. */
  answerFrom(
    { renamed, shape }: PlannedOperation,
    data: Record<string, unknown>,
    given: Record<string, unknown>,
  ): ExecutionResponse | undefined {
    return shape && shaped(shape, data, renamedVariables(renamed, given));
  }
}

function shaped(
  shape: ResponseShape,
  data: Record<string, unknown>,
  variables: Record<string, unknown>,
): ExecutionResponse {
  const answer = shape(data, variables);
  const { missing } = answer;
  return missing === undefined
    ? { data: answer.data }
    : { data: null, extensions: { valueCompletion: [{ message: missing }] } };
}

function withClientPath(error: GraphQLError, aliases: RenamedDocument["aliases"]): GraphQLError {
  if (!error.path) return error;
  const { message, nodes, source, positions, originalError, extensions } = error;
  const path = clientPath(error.path, aliases);
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source,
    positions,
    path,
    originalError: originalError ?? null,
    extensions,
  });
}

/** Refuses wrong values of scalars as the subgraphs do: from the gateway, a subgraph would take them for a fault. */
function withScalars(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, known] of Object.entries(sharedResolvers)) {
    const scalar = schema.getType(name);
    if (!(known instanceof GraphQLScalarType) || !isScalarType(scalar)) continue;
    scalar.parseValue = known.parseValue;
    scalar.parseLiteral = known.parseLiteral;
  }
  return schema;
}
