import { randomUUID } from "node:crypto";
import { executeQueryPlan } from "@apollo/gateway";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner, type QueryPlan } from "@apollo/query-planner";
import { sharedResolvers } from "@shop/service/scalars";
import { getOperationAST, GraphQLError, GraphQLScalarType, isScalarType, Kind } from "graphql";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { answerShape, shapesOf, type AnswerShape } from "./response-shape.ts";
import { fetchedData } from "./fetched-data.ts";
import { fragmentsOf, type Fragments } from "./fragments-of.ts";
import { bindGuest, passesProofs } from "./guest-proof-scope.ts";
import { Plans, type AskedOperation } from "./plan-cache.ts";
import {
  clientNames,
  clientPath,
  refuseAliasLikeFields,
  renameAliases,
  renamedVariables,
  type RenamedDocument,
} from "./rename-aliases.ts";
import type { RequestContext } from "../request-context.ts";

type ServiceMap = Parameters<typeof executeQueryPlan>[1];
type GatewayRequestContext = Parameters<typeof executeQueryPlan>[2];
export type ExecutionAnswer = Awaited<ReturnType<typeof executeQueryPlan>>;

/** One operation of a document, planned: all that can be known of it before its variables are. */
export interface PlannedOperation {
  /** As the client wrote it. */
  operation: OperationDefinitionNode;
  /** What is planned and carried out: the same under names that nothing else in the graph has. */
  renamed: Pick<RenamedDocument, "aliases" | "variables"> & {
    operation: OperationDefinitionNode;
    fragments: Fragments;
  };
  queryPlan: QueryPlan;
  /** Names the operation where subgraphs prove to each other who may read; undefined where they don't. */
  provenAs: string | undefined;
  /** How its answer is cut out of what was fetched; undefined where @apollo/gateway does that itself. */
  shape: AnswerShape | undefined;
  /** How many ways of shaping its answer may be compiled. */
  shapes: number;
  /** Whether it is one of schema/operations: its plan stays, and so does what subgraphs compile for it. */
  isKnown: boolean;
}

/** The composed graph: its public schema, the plans of the operations seen so far, and how one is carried out. */
export class LoadedSupergraph {
  readonly sdl: string;
  readonly apiSchema: GraphQLSchema;
  readonly serviceNames: string[];
  readonly #api: ReturnType<Supergraph["apiSchema"]>;
  readonly #joined: GraphQLSchema;
  readonly #planner: QueryPlanner;
  readonly #plans = new Plans<PlannedOperation>();

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
  plan(asked: AskedOperation): PlannedOperation {
    return this.#plans.find(asked, () => this.#planAnew(asked.document, asked.operation));
  }

  /** Whether its plan is kept. */
  isPlanned(asked: AskedOperation): boolean {
    return this.#plans.has(asked);
  }

  /** Plans one of the shop's own operations, for good. */
  planKnown(asked: AskedOperation): void {
    this.#plans.pin(asked, { ...this.#planAnew(asked.document, asked.operation), isKnown: true });
  }

  /** The estimated bytes of the plans that are kept, those of known operations aside. */
  get planBytes(): number {
    return this.#plans.bytes;
  }

  #planAnew(given: DocumentNode, operation: OperationDefinitionNode): PlannedOperation {
    const { document, aliases, variables } = renameAliases(given);
    const fragments = fragmentsOf(document);
    const name = operation.name?.value;
    const asked = getOperationAST(document, name);
    if (!asked) throw new Error("An operation that was validated is gone");
    const options = name === undefined ? {} : { operationName: name };
    const queryPlan = this.#planner.buildQueryPlan(operationFromDocument(this.#api, document, options));
    const shape = answerShape(this.apiSchema, asked, fragments, aliases);
    return {
      operation,
      renamed: { operation: asked, fragments, aliases, variables },
      queryPlan,
      provenAs: passesProofs(queryPlan) ? randomUUID() : undefined,
      shape,
      shapes: shapesOf(asked, fragments),
      isKnown: false,
    };
  }

  async execute(
    { renamed, queryPlan, provenAs, shape }: PlannedOperation,
    services: ServiceMap,
    given: Record<string, unknown>,
    context: RequestContext,
  ): Promise<ExecutionAnswer> {
    const schema = this.apiSchema;
    bindGuest(context, { provenAs }, given);
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
    const { errors } = await run(recorded, { ...renamed.operation, selectionSet: nothing }, {});
    const answer = shape(data, variables);
    if (errors) return { errors, data: answer.data };
    const { missing } = answer;
    return missing === undefined
      ? { data: answer.data }
      : { data: null, extensions: { valueCompletion: [{ message: missing }] } };
  }
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

/** Enough for the executor, whose own shaping of answers isn't used. */
const nothing: OperationDefinitionNode["selectionSet"] = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } }],
};

/** Wrong values are refused here as the subgraphs would: there they are faults, since it is the gateway that asks. */
function withScalars(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, known] of Object.entries(sharedResolvers)) {
    const scalar = schema.getType(name);
    if (!(known instanceof GraphQLScalarType) || !isScalarType(scalar)) continue;
    scalar.parseValue = known.parseValue;
    scalar.parseLiteral = known.parseLiteral;
  }
  return schema;
}
