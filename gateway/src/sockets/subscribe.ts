import type { executeQueryPlan } from "@apollo/gateway";
import type { FetchNode, PlanNode } from "@apollo/query-planner";
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
import { resumableOperation, resumeVariable, type ResumableOperation } from "./resumable-operation.ts";
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

/** The pseudo-service that answers the first fetch of an event's plan with the event itself. */
const eventService = "__event";

/** Subscribes at the subgraph that owns the field, and fetches the rest of each event from the others. */
export function federatedSubscriptions(deps: SubscriptionDeps): Subscribe {
  const { supergraph, services, subscriptionClients, sign, mask, metrics } = deps;
  const plans = new WeakMap<PlannedOperation, SubscriptionPlan>();

  return (planned, variables, context, ended) => {
    let plan = plans.get(planned);
    if (!plan) plans.set(planned, (plan = subscriptionPlan(planned, supergraph)));
    const { service, resumable, eventPlan } = plan;
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
      ending.abort();
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

    async function resultOf(event: Event): Promise<ExecutionResult> {
      const withEvent: Services = { ...services, [eventService]: { process: async () => event as never } };
      const answer = await supergraph.execute(eventPlan, withEvent, variables, eventContext);
      const result: ExecutionResult = { data: answer.data ?? null };
      if (answer.errors) result.errors = answer.errors.map((error) => mask(error, context.requestId));
      else if (result.data === null) result.errors = [mask(emptyEvent(answer.extensions), context.requestId)];
      return result;
    }
  };
}

interface SubscriptionPlan {
  service: string;
  operationName: string | undefined;
  variableNames: ReadonlySet<string>;
  resumable: ResumableOperation;
  eventPlan: PlannedOperation;
}

function subscriptionPlan(planned: PlannedOperation, supergraph: LoadedSupergraph): SubscriptionPlan {
  const { node } = planned.queryPlan;
  if (node?.kind !== "Subscription") throw new Error("Not the plan of a subscription");
  const { primary, rest } = node;
  const event: FetchNode = { ...primary, serviceName: eventService };
  const nodes: PlanNode[] = rest ? [event, rest] : [event];
  return {
    service: primary.serviceName,
    operationName: primary.operationName,
    variableNames: new Set(primary.variableUsages),
    resumable: resumableOperation(primary.operation, supergraph.apiSchema),
    eventPlan: { ...planned, queryPlan: { kind: "QueryPlan", node: { kind: "Sequence", nodes } } },
  };
}

/** Reads the gateway's own cursor from an event and removes it, since the client did not select it. */
function takeCursor({ cursorAt }: ResumableOperation, event: Event): string | undefined {
  const update: unknown = cursorAt && event.data?.[cursorAt.field];
  if (!cursorAt || typeof update !== "object" || update === null) return undefined;
  const cursor: unknown = Reflect.get(update, cursorAt.name);
  Reflect.deleteProperty(update, cursorAt.name);
  return typeof cursor === "string" ? cursor : undefined;
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

function toClientError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof QueueOverflow) return interrupted(tooSlow);
  return new GraphQLError(String(error), { originalError: error instanceof Error ? error : null });
}

function emptyEvent(extensions: object | undefined): GraphQLError {
  return new GraphQLError("A part of the update that can't be left out is missing", {
    extensions: { ...extensions },
  });
}
