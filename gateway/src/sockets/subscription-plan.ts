import type { FetchNode, PlanNode } from "@apollo/query-planner";
import type { FormattedExecutionResult } from "graphql-ws";
import type { LoadedSupergraph, PlannedOperation } from "../graph/supergraph.ts";
import { resumableOperation, type ResumableOperation } from "./resumable-operation.ts";

/** The pseudo-service that answers the first fetch of an event's plan with the event itself. */
export const eventService = "__event";

/** The parts of a plan that all subscribers of an operation share: found once. */
export interface SubscriptionPlan {
  service: string;
  operationName: string | undefined;
  variableNames: ReadonlySet<string>;
  resumable: ResumableOperation;
  eventPlan: PlannedOperation;
  /** Whether an event has all that the client selects, so that there is nothing to execute. */
  isWhole: boolean;
}

/** Prepares the plan of a subscription. */
export function subscriptionPlan(planned: PlannedOperation, supergraph: LoadedSupergraph): SubscriptionPlan {
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
    isWhole: !rest && !primary.outputRewrites?.length,
  };
}

/** Reads the gateway's own cursor from an event and removes it, since the client did not select it. */
export function takeCursor(
  { cursorAt }: ResumableOperation,
  event: FormattedExecutionResult,
): string | undefined {
  const update: unknown = cursorAt && event.data?.[cursorAt.field];
  if (!cursorAt || typeof update !== "object" || update === null) return undefined;
  const cursor: unknown = Reflect.get(update, cursorAt.name);
  Reflect.deleteProperty(update, cursorAt.name);
  return typeof cursor === "string" ? cursor : undefined;
}
