import type { GraphQLError } from "graphql";
import type { Caller, Visitor } from "./identity/caller.ts";
import type { CostReport } from "./limits/charge-cost.ts";

/** What the gateway knows of one operation while it runs. */
export interface RequestContext {
  /** Changes when a mutation signs someone in or ends the caller's session. */
  caller: Caller;
  refusal?: Visitor["refusal"];
  ip: string;
  requestId: string;
  /** Aborted when the client has gone away. */
  signal: AbortSignal;
  /** Whether it is one of the shop's own operations, of which subgraphs keep what they compile. */
  isKnown?: boolean;
  /** Whether its document, which was not kept, has been charged for. */
  isDocumentPaid?: boolean;
  /** Why it must not be carried out, found before its document was read. */
  refused?: GraphQLError;
  /** Ends its hold on memory, where its document was not kept. */
  leave?: () => void;
  /** What the operation has cost its caller so far; undefined where nothing is charged. */
  cost?: CostReport;
  /** Who the fields below a root field of a mutation run as, by the root field's name in what is fetched. */
  callers?: Map<string, Caller>;
  /** Who a signed-in caller becomes when the operation ends their session; an ordinary guest unless it is bound to the operation. */
  guest?: Caller;
  /** Those whom this operation has signed in so far. */
  signedIn?: Caller[];
  /** Told what the operation answers, where the throttles count how it ended. */
  answered?: (data: object) => Promise<void>;
}
