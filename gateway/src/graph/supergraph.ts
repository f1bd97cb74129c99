import { executeQueryPlan } from "@apollo/gateway";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner, type QueryPlan } from "@apollo/query-planner";
import { sharedResolvers } from "@shop/service/scalars";
import { GraphQLScalarType, isScalarType, Kind, print, stripIgnoredCharacters } from "graphql";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { LRUCache } from "lru-cache";
import { answerShape, type AnswerShape } from "./answer-shape.ts";
import { fetchedData } from "./fetched-data.ts";
import { fragmentsOf, type Fragments } from "./fragments-of.ts";
import type { RequestContext } from "../request-context.ts";

type ServiceMap = Parameters<typeof executeQueryPlan>[1];
type GatewayRequestContext = Parameters<typeof executeQueryPlan>[2];
export type ExecutionAnswer = Awaited<ReturnType<typeof executeQueryPlan>>;

/** One operation of a document, planned: all that can be known of it before its variables are. */
export interface PlannedOperation {
  operation: OperationDefinitionNode;
  fragments: Fragments;
  queryPlan: QueryPlan;
  /** How its answer is cut out of what was fetched; undefined where @apollo/gateway does that itself. */
  shape: AnswerShape | undefined;
}

/** The composed graph: its public schema, the plans of the operations seen so far, and how one is carried out. */
export class LoadedSupergraph {
  readonly sdl: string;
  readonly apiSchema: GraphQLSchema;
  readonly serviceNames: string[];
  readonly #api: ReturnType<Supergraph["apiSchema"]>;
  readonly #joined: GraphQLSchema;
  readonly #planner: QueryPlanner;
  readonly #plans = new LRUCache<string, PlannedOperation>({ max: 4_000 });

  constructor(sdl: string) {
    const supergraph = Supergraph.build(sdl, { validateSupergraph: false });
    this.sdl = sdl;
    this.#api = supergraph.apiSchema();
    this.apiSchema = withScalars(this.#api.toGraphQLJSSchema());
    this.#joined = supergraph.schema.toGraphQLJSSchema();
    this.#planner = new QueryPlanner(supergraph);
    this.serviceNames = supergraph.subgraphsMetadata().map(({ name }) => name);
  }

  /** `key` stands for the document's text and the operation's name. Throws a GraphQLError for what can't be planned. */
  plan(key: string, document: DocumentNode, operation: OperationDefinitionNode): PlannedOperation {
    const known = this.#plans.get(key);
    if (known) return known;
    // Clients print the same operation with other white space; planning is what costs, so that is done once.
    const shape = `${operation.name?.value ?? ""} ${stripIgnoredCharacters(print(document))}`;
    const planned = this.#plans.get(shape) ?? this.#planAnew(document, operation);
    this.#plans.set(shape, planned);
    this.#plans.set(key, planned);
    return planned;
  }

  #planAnew(document: DocumentNode, operation: OperationDefinitionNode): PlannedOperation {
    const fragments = fragmentsOf(document);
    const options = operation.name ? { operationName: operation.name.value } : {};
    const queryPlan = this.#planner.buildQueryPlan(operationFromDocument(this.#api, document, options));
    const shape = answerShape(this.apiSchema, operation, fragments);
    return { operation, fragments, queryPlan, shape };
  }

  async execute(
    { operation, fragments, queryPlan, shape }: PlannedOperation,
    services: ServiceMap,
    variables: Record<string, unknown>,
    context: RequestContext,
  ): Promise<ExecutionAnswer> {
    const schema = this.apiSchema;
    // executeQueryPlan reads nothing else of a request.
    const request = { request: { variables }, context, metrics: {} } as unknown as GatewayRequestContext;
    const run = (from: ServiceMap, asked: OperationDefinitionNode, using: Fragments) => {
      const operationContext = { schema, operation: asked, fragments: using };
      return executeQueryPlan(queryPlan, from, request, operationContext, this.#joined, this.#api);
    };
    if (!shape) return run(services, operation, fragments);
    const { recorded, data } = fetchedData(services);
    const { errors } = await run(recorded, { ...operation, selectionSet: nothing }, {});
    const answer = shape(data, variables);
    if (errors) return { errors, data: answer.data };
    const { missing } = answer;
    return missing === undefined
      ? { data: answer.data }
      : { data: null, extensions: { valueCompletion: [{ message: missing }] } };
  }
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
