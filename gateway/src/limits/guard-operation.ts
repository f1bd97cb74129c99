import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { rateLimited, tooCostly, tooManyWrites, unauthenticated } from "../errors/coded-errors.ts";
import { fragmentsOf, type Fragments } from "../graph/fragments-of.ts";
import type { Metrics } from "../metrics.ts";
import type { RequestContext } from "../request-context.ts";
import { rootFields } from "../graph/root-fields.ts";
import { selectsSecret } from "../graph/secret-fields.ts";
import { throttledAttempts, hasSucceeded } from "./attempts-of-operation.ts";
import type { ChargeCost } from "./charge-cost.ts";
import type { FieldWeights } from "./field-weights.ts";
import { costMeter, type CostMeter } from "./cost-meter.ts";
import { inputMistakes, type RefuseInputMistakes } from "./input-mistakes.ts";
import { maxCost, maxWrites } from "./operation-limits.ts";
import { refuseInvalidText } from "./validate-text.ts";
import { throttledFields } from "./attempt-rates.ts";
import type { AttemptThrottle } from "./attempt-throttle.ts";

export interface GuardedOperation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/** Throws the coded error for an operation that must not be executed for this caller now. */
export type GuardOperation = (guarded: GuardedOperation, context: RequestContext) => Promise<void> | void;

export interface GuardDeps {
  schema: GraphQLSchema;
  weights: FieldWeights;
  metrics: Metrics;
  /** Undefined with LIMITS=off, as is `charge`. */
  throttle: AttemptThrottle | undefined;
  charge: ChargeCost | undefined;
}

export function operationGuard({ schema, weights, metrics, throttle, charge }: GuardDeps): GuardOperation {
  const shapes = new WeakMap<OperationDefinitionNode, OperationShape>();

  return (guarded, context) => {
    const { operation, variables } = guarded;
    const known = shapes.get(operation);
    const shape = known ?? shapeOf(schema, weights, guarded);
    if (!known) shapes.set(operation, shape);
    if (context.answer) context.answer.hasSecret = shape.hasSecret;
    // Clients send their expired token with the refreshSession that renews it.
    if (context.tokenRefusal && !shape.signsInOnly) throw unauthenticated(context.tokenRefusal);
    refuseInvalidText(variables);
    shape.refuseInputMistakes(variables);
    if (shape.writes > maxWrites) throw tooManyWrites(shape.writes, maxWrites);
    const { objects, points } = shape.costWith(variables);
    if (objects > maxCost) throw tooCostly(objects, maxCost);
    if (!charge) return;
    const charged = charge(points, context);
    return throttle && shape.mayBeThrottled
      ? charged.then(() => count(throttle, operation, shape, variables, context))
      : charged;
  };

  async function count(
    throttle: AttemptThrottle,
    operation: OperationDefinitionNode,
    { fragments }: OperationShape,
    variables: Record<string, unknown>,
    context: RequestContext,
  ): Promise<void> {
    const fields = rootFields(operation, fragments);
    const attempts = throttledAttempts(schema, fields, variables, context);
    // A caller with a stolen refresh token could renew the session beside each guess, which proves no password.
    const maySignInWithout = fields.some(({ name }) => name.value === "refreshSession");
    const counted = await Promise.all(
      attempts.map(async (one) => ({ ...one, ...(await throttle.count(one.attempt)) })),
    );
    const longest = counted.reduce<{ field: string; seconds: number }>(
      (most, { attempt, seconds }) => (seconds > most.seconds ? { field: attempt.field, seconds } : most),
      { field: "", seconds: 0 },
    );
    if (longest.seconds === 0) {
      context.onData = async (data) => {
        const { signedIn = [], ip } = context;
        const succeeded = counted.filter((one) =>
          hasSucceeded(one, fragments, data, maySignInWithout ? [] : signedIn),
        );
        const emails = [
          ...succeeded.map(({ attempt }) => attempt.email),
          ...signedIn.map((caller) => (caller.kind === "user" ? caller.email : undefined)),
        ];
        await Promise.all([
          ...succeeded.map((one) => one.refund()),
          ...[...new Set(emails)].map((email) => email !== undefined && throttle.addKnownAddress(email, ip)),
        ]);
      };
      return;
    }
    metrics.refusals.labels(longest.field).inc();
    throw rateLimited(longest.field, longest.seconds);
  }
}

/** The parts of an operation that no variable changes, found once for each document. */
interface OperationShape {
  fragments: Fragments;
  signsInOnly: boolean;
  mayBeThrottled: boolean;
  /** The number of its mutations; those that sign in or out have throttles of their own. */
  writes: number;
  /** Whether it selects a credential. */
  hasSecret: boolean;
  refuseInputMistakes: RefuseInputMistakes;
  costWith: CostMeter;
}

const signIns = new Set(["logIn", "signUp", "refreshSession", "logOut", "__typename"]);

function shapeOf(
  schema: GraphQLSchema,
  weights: FieldWeights,
  { document, operation }: GuardedOperation,
): OperationShape {
  const fragments = fragmentsOf(document);
  const fields = rootFields(operation, fragments);
  const isMutation = operation.operation === "mutation";
  return {
    fragments,
    signsInOnly: isMutation && fields.every(({ name }) => signIns.has(name.value)),
    writes: isMutation ? fields.filter(({ name }) => !signIns.has(name.value)).length : 0,
    mayBeThrottled: isMutation && fields.some(({ name }) => throttledFields.has(name.value)),
    hasSecret: selectsSecret(document),
    refuseInputMistakes: inputMistakes(schema, document, operation),
    costWith: costMeter({ schema, operation, fragments, weights }),
  };
}
