import { createHash } from "node:crypto";
import type { PlanNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import type { OperationCallers } from "../identity/caller.ts";

/** The inaccessible key by which a subgraph proves to another that the caller may read an entity. */
const proofField = "proof";

/** Whether a fetch of the plan carries a proof of another subgraph. */
export function carriesProofs({ node }: QueryPlan): boolean {
  return node !== undefined && passes(node);
}

/**
 * Gives a guest the identity of the operation and its variables, so that a proof within it is void in any other. Guests who
 * send the same operation are one caller, and share their reads. Operations without proofs keep the one guest identity, so
 * that the reads of all guests are batched.
 */
export function scopeGuest(
  callers: Pick<OperationCallers, "caller" | "guestAfterLogOut">,
  { proofScope }: { proofScope: string | undefined },
  variables: Record<string, unknown>,
): void {
  const { caller } = callers;
  if (proofScope === undefined || (caller.kind === "guest" && caller.proofScope !== undefined)) return;
  const hash = createHash("sha256").update(JSON.stringify(variables)).digest("base64url");
  const guest = { kind: "guest" as const, proofScope: `${proofScope}:${hash}` };
  if (caller.kind === "guest") callers.caller = guest;
  callers.guestAfterLogOut = guest;
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
