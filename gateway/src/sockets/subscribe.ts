import type { executeQueryPlan } from "@apollo/gateway";
import { AsyncQueue, QueueOverflow } from "@shop/service/async-queue";
import { GraphQLError, type ExecutionResult } from "graphql";
import type { FormattedExecutionResult } from "graphql-ws";
import { interrupted, serviceUnavailable } from "../errors/coded-errors.ts";
import { scopeGuest } from "../graph/guest-proof-scope.ts";
import { renamedVariables } from "../graph/rename-aliases.ts";
import type { LoadedSupergraph, PlannedOperation } from "../graph/supergraph.ts";
import type { SignCaller } from "../identity/sign-caller.ts";
import type { MaskError } from "../errors/mask-errors.ts";
import type { Metrics } from "../metrics.ts";
import type { RequestContext } from "../request-context.ts";
import { resumeVariable } from "./resumable-operation.ts";
import { eventService, subscriptionPlan, takeCursor, type SubscriptionPlan } from "./subscription-plan.ts";
import type { SubscriptionRequest, SubscriptionClients } from "../subgraphs/subscription-clients.ts";

type Services = Parameters<typeof executeQueryPlan>[1];
type Event = FormattedExecutionResult;

export interface SubscriptionDeps {
  supergraph: LoadedSupergraph;
  services: Services;
  subscriptionClients: SubscriptionClients;
  sign: SignCaller;
  mask: MaskError;
  metrics: Metrics;
}

export type Subscribe = (
  planned: PlannedOperation,
  variables: Record<string, unknown>,
  context: RequestContext,
  ended: () => void,
) => AsyncIterableIterator<ExecutionResult>;

/** Events that wait for one client; with more its subscription ends, and the client resumes it from its cursor. */
const queueCapacity = 1_000;

/** An event's proofs (payments, parcels) are valid for 60 s: an older event's answer would have gaps. */
const provenForMs = 50_000;

/** Subscribes at the subgraph that owns the field, and fetches the rest of each event from the others. */
export function federatedSubscriptions(deps: SubscriptionDeps): Subscribe {
  const { supergraph, services, subscriptionClients, sign, mask, metrics } = deps;
  const plans = new WeakMap<PlannedOperation, SubscriptionPlan>();

  return (planned, variables, context, ended) => {
    let plan = plans.get(planned);
    if (!plan) plans.set(planned, (plan = subscriptionPlan(planned, supergraph)));
    const { service, resumable, eventPlan, isWhole } = plan;
    const sent = renamedVariables(planned.renamed, variables);
    scopeGuest(context, planned, variables);
    const ending = new AbortController();
    const eventContext: RequestContext = { ...context, signal: ending.signal, isKnown: planned.isKnown };
    const queue = new AsyncQueue<{ event: Event; receivedAt: number }>(queueCapacity);
    let cursor: string | undefined;
    let wasSent = false;
    let isOver = false;
    metrics.subscriptions.inc();
    // A subscription ends with its socket, whether or not graphql-ws has registered it.
    if (context.signal.aborted) queueMicrotask(end);
    context.signal.addEventListener("abort", end);
    const stop = subscriptionClients.subscribe(service, subscriptionRequest(plan), {
      next(event) {
        // An answer without data is no event: by the protocol it says that the subscription was refused.
        if (event.errors && event.data === undefined) return queue.fail(subgraphError(service, event.errors));
        cursor = takeCursor(resumable, event) ?? cursor;
        queue.push({ event, receivedAt: Date.now() });
      },
      error: (reason) => queue.fail(subgraphError(service, reason)),
      complete: () => queue.finish(),
      lost() {
        // A socket that closed before the subscription was sent has lost no event.
        if (wasSent && cursor === undefined && !resumable.isRepeatable(sent))
          queue.fail(interrupted(missedSome));
      },
    });

    return {
      async next() {
        try {
          const { value: received, done } = await queue.next();
          if (!done) {
            const isStale = Date.now() - received.receivedAt > provenForMs;
            if (isStale && planned.proofScope !== undefined) throw new QueueOverflow();
            return { value: await resultOf(received.event), done: false };
          }
          end();
          return { value: undefined, done: true };
        } catch (error) {
          end();
          throw mask(toClientError(error), context.requestId);
        }
      },
      async return() {
        end();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };

    function end(): void {
      if (isOver) return;
      isOver = true;
      metrics.subscriptions.dec();
      context.signal.removeEventListener("abort", end);
      ended();
      // With a reason of its own: by default a DOMException with its stack is made.
      ending.abort("the subscription has ended");
      void queue.return();
      stop();
    }

    function subscriptionRequest({ operationName, variableNames }: SubscriptionPlan): SubscriptionRequest {
      const used = Object.fromEntries(Object.entries(sent).filter(([name]) => variableNames.has(name)));
      return {
        operationName,
        get query() {
          return cursor === undefined || !resumable.resumed ? resumable.first : resumable.resumed;
        },
        get variables() {
          return cursor === undefined ? used : { ...used, [resumeVariable]: cursor };
        },
        get extensions() {
          wasSent = true;
          const { caller, requestId } = context;
          return { identity: sign(caller, service), requestId, known: planned.isKnown };
        },
      };
    }

    /** The answer to one event: one that can't be answered takes no other with it. */
    async function resultOf(event: Event): Promise<ExecutionResult> {
      try {
        return await answerTo(event);
      } catch (error) {
        return { data: null, errors: [mask(error, context.requestId)] };
      }
    }

    async function answerTo(event: Event): Promise<ExecutionResult> {
      const { data, errors } = event;
      const whole = isWhole && data && !errors ? supergraph.answerFrom(planned, data, variables) : undefined;
      const answer = whole ?? (await executed(event));
      const result: ExecutionResult = { data: answer.data ?? null };
      if (answer.errors) result.errors = answer.errors.map((error) => mask(error, context.requestId));
      else if (result.data === null) result.errors = [mask(emptyEvent(answer.extensions), context.requestId)];
      return result;
    }

    async function executed(event: Event) {
      const withEvent: Services = { ...services, [eventService]: { process: async () => event as never } };
      return supergraph.execute(eventPlan, withEvent, variables, eventContext);
    }
  };
}

const missedSome =
  "The stream was interrupted and may have missed updates: read the present state, then subscribe again.";
const tooSlow = "Updates came faster than they were read: subscribe again, with the last cursor as `after`.";

/** A subgraph refuses with a list of errors; any other reason means that it can't be reached. */
function subgraphError(service: string, reason: unknown): unknown {
  const first: unknown = Array.isArray(reason) ? reason[0] : undefined;
  if (typeof first !== "object" || first === null || !("message" in first))
    return serviceUnavailable(service);
  const given = "extensions" in first && typeof first.extensions === "object" ? first.extensions : {};
  return new GraphQLError(String(first.message), { extensions: { ...given, serviceName: service } });
}

function toClientError(error: unknown): unknown {
  return error instanceof QueueOverflow ? interrupted(tooSlow) : error;
}

function emptyEvent(extensions: object | undefined): GraphQLError {
  return new GraphQLError("A part of the update that can't be left out is missing", {
    extensions: { ...extensions },
  });
}
