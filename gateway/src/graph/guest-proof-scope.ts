import { createHash } from "node:crypto";
import type { PlanNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import type { RequestContext } from "../request-context.ts";

/** The inaccessible key by which a subgraph proves to another that the asker may read an entity. */
const proofField = "proof";

/** Whether a fetch of the plan carries a proof that another subgraph made. */
export function passesProofs({ node }: QueryPlan): boolean {
  return node !== undefined && passes(node);
}

/**
 * Names a guest after the operation, so that what is proven within it is worth nothing in another. A guest may do what its
 * operation and variables say and no more, so two that send the same are one asker, and share their reads. Only where
 * proofs are passed: other reads of guests, who are all alike there, travel together.
 */
export function bindGuest(
  context: Pick<RequestContext, "caller" | "guest">,
  { provenAs }: { provenAs: string | undefined },
  variables: Record<string, unknown>,
): void {
  const { caller } = context;
  if (provenAs === undefined || (caller.kind === "guest" && caller.requestId !== undefined)) return;
  const asked = createHash("sha256").update(JSON.stringify(variables)).digest("base64url");
  const guest = { kind: "guest" as const, requestId: `${provenAs}:${asked}` };
  if (caller.kind === "guest") context.caller = guest;
  // A caller who logs out in the operation goes on as this one.
  context.guest = guest;
}

function passes(node: PlanNode | NonNullable<QueryPlan["node"]>): boolean {
  switch (node.kind) {
    case "Fetch":
      return (node.requires ?? []).some(isProof);
    case "Flatten":
      return passes(node.node);
    case "Sequence":
    case "Parallel":
      return node.nodes.some(passes);
    case "Condition":
      return [node.ifClause, node.elseClause].some((clause) => clause !== undefined && passes(clause));
    case "Subscription":
      return passes(node.primary) || (node.rest !== undefined && passes(node.rest));
    case "Defer":
      throw new Error("Answers in parts (@defer) are not served");
  }
}

function isProof(selection: QueryPlanSelectionNode): boolean {
  return selection.kind === "Field" ? selection.name === proofField : selection.selections.some(isProof);
}
