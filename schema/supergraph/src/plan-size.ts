import type { QueryPlan } from "@apollo/query-planner";

/** How many requests a plan sends to subgraphs, and how many of them wait for one another at most. */
export type PlanSize = { fetches: number; depth: number };

type Node = NonNullable<QueryPlan["node"]>;

/** Measures a query plan; for a subscription: what starts it, and what each of its events costs. */
export function planSize(plan: QueryPlan): PlanSize {
  return plan.node ? sizeOf(plan.node) : { fetches: 0, depth: 0 };
}

function sizeOf(node: Node): PlanSize {
  switch (node.kind) {
    case "Fetch":
      return { fetches: 1, depth: 1 };
    case "Flatten":
      return sizeOf(node.node);
    case "Sequence":
      return after(node.nodes.map(sizeOf));
    case "Parallel":
      return beside(node.nodes.map(sizeOf));
    case "Subscription":
      return after([node.primary, ...(node.rest ? [node.rest] : [])].map(sizeOf));
    case "Condition":
      return beside([node.ifClause, node.elseClause].filter((it) => it !== undefined).map(sizeOf));
    case "Defer":
      throw new Error("no operation of the shop defers");
  }
}

const after = (sizes: PlanSize[]): PlanSize => ({
  fetches: sum(sizes.map((it) => it.fetches)),
  depth: sum(sizes.map((it) => it.depth)),
});

const beside = (sizes: PlanSize[]): PlanSize => ({
  fetches: sum(sizes.map((it) => it.fetches)),
  depth: Math.max(0, ...sizes.map((it) => it.depth)),
});

const sum = (numbers: number[]) => numbers.reduce((total, it) => total + it, 0);
