import type { GraphQLError } from "graphql";
import type { TokenRefusal } from "./errors/coded-errors.ts";
import type { OperationCallers } from "./identity/caller.ts";

/** The gateway's knowledge of one operation while it runs. */
export interface RequestContext extends OperationCallers {
  /** Why the access token of the request was refused. */
  tokenRefusal?: TokenRefusal | undefined;
  ip: string;
  /** Stands in the answer's header, in masked errors, in the subgraph requests and in all their log lines. */
  requestId: string;
  /** Aborted when the client has gone away. */
  signal: AbortSignal;
  /** Whether it is one of the shop's own operations, of which subgraphs keep what they compile. */
  isKnown?: boolean;
  /** What is found out of its answer: an object of its own, since Apollo Server works on a copy of the context. */
  answer?: { hasSecret: boolean };
  /** Whether its document, which was not cached, has been charged for. */
  isDocumentPaid?: boolean;
  /** Why it must not be executed, found before its document was parsed. */
  rejection?: GraphQLError;
  /** Releases the memory that was reserved for an operation whose document isn't cached. */
  releaseMemory?: () => void;
  /** The operation's points so far; undefined where nothing is charged. */
  cost?: CostReport;
  /** Receives the operation's data, where the throttle counts how its sign-in attempts ended. */
  onData?: (data: object) => Promise<void>;
}

/** The cost of an answer, as `extensions.cost` shows it. */
export interface CostReport {
  /** Points of this operation. */
  requested: number;
  /** Points left of the smaller budget: the address', or the signed-in user's. */
  remaining: number;
  /** Points of a full budget. */
  limit: number;
  /** Seconds until the budget is full again. */
  resetInSeconds: number;
}
