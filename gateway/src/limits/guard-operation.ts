import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { rateLimited, tooCostly, unauthenticated } from "../coded-errors.ts";
import { fragmentsOf, type Fragments } from "../graph/fragments-of.ts";
import type { Metrics } from "../metrics.ts";
import type { RequestContext } from "../request-context.ts";
import { rootFields } from "../graph/root-fields.ts";
import { attemptsIn, hasSession } from "./attempts.ts";
import { maxCost, operationCost } from "./operation-cost.ts";
import { refuseUnstorable } from "./storable-text.ts";
import type { Throttle } from "./throttle.ts";

export interface GuardedOperation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/** Throws the coded error for an operation that must not be carried out for this caller now. */
export type GuardOperation = (guarded: GuardedOperation, context: RequestContext) => Promise<void> | void;

export function operationGuard(
  schema: GraphQLSchema,
  metrics: Metrics,
  throttle: Throttle | undefined,
): GuardOperation {
  const shapes = new WeakMap<OperationDefinitionNode, OperationShape>();

  return (guarded, context) => {
    const { operation, variables } = guarded;
    let shape = shapes.get(operation);
    if (!shape) shapes.set(operation, (shape = shapeOf(schema, guarded)));
    // A client sends its header along by habit, also when it comes to renew what stands in it.
    if (context.refusal && !shape.signsInOnly) throw unauthenticated(context.refusal);
    refuseUnstorable(variables);
    if (!shape.isCheapAlways) {
      const cost = operationCost({ schema, operation, fragments: shape.fragments, variables });
      if (cost > maxCost) throw tooCostly(cost, maxCost);
    }
    if (throttle && shape.mayBeThrottled) return count(throttle, operation, shape, variables, context);
  };

  async function count(
    throttle: Throttle,
    operation: OperationDefinitionNode,
    { fragments }: OperationShape,
    variables: Record<string, unknown>,
    context: RequestContext,
  ): Promise<void> {
    const attempts = attemptsIn(schema, rootFields(operation, fragments), variables, context.ip);
    const waits = await Promise.all(
      attempts.map(async ({ attempt }) => ({ field: attempt.field, seconds: await throttle.count(attempt) })),
    );
    const longest = waits.reduce((most, wait) => (wait.seconds > most.seconds ? wait : most), {
      field: "",
      seconds: 0,
    });
    if (longest.seconds === 0) {
      context.answered = async (data) => {
        const right = attempts.filter(({ node }) => hasSession(node, fragments, data));
        await Promise.all(right.map(({ attempt }) => throttle.giveBack(attempt)));
      };
      return;
    }
    metrics.refusals.labels(longest.field).inc();
    throw rateLimited(longest.field, longest.seconds);
  }
}

/** What can be known of an operation whatever its variables are; found once per document. */
interface OperationShape {
  fragments: Fragments;
  signsInOnly: boolean;
  mayBeThrottled: boolean;
  isCheapAlways: boolean;
}

const signIns = new Set(["logIn", "signUp", "refreshSession", "logOut", "__typename"]);

function shapeOf(schema: GraphQLSchema, { document, operation }: GuardedOperation): OperationShape {
  const fragments = fragmentsOf(document);
  const fields = rootFields(operation, fragments);
  const isMutation = operation.operation === "mutation";
  const largest: Record<string, unknown> = {};
  for (const { variable } of operation.variableDefinitions ?? []) largest[variable.name.value] = 100;
  return {
    fragments,
    signsInOnly: isMutation && fields.every(({ name }) => signIns.has(name.value)),
    mayBeThrottled: isMutation && attemptsIn(schema, fields, {}, "").length > 0,
    isCheapAlways: operationCost({ schema, operation, fragments, variables: largest }) <= maxCost,
  };
}
