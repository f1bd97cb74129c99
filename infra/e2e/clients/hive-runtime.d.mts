import type { RequestListener } from "node:http";

type ExecutionRequest = { operationType?: string; extensions?: object };

/** The part of Hive Gateway's API that its test needs. */
export function createGatewayRuntime(config: {
  supergraph: string;
  logging: boolean;
  landingPage: boolean;
  graphiql: boolean;
  requestId: boolean;
  transportEntries: Record<string, object>;
  propagateHeaders: {
    fromClientToSubgraphs(payload: { subgraphName: string }): Record<string, string>;
  };
  plugins(): {
    onSubgraphExecute(payload: {
      subgraphName: string;
      executionRequest: ExecutionRequest;
      setExecutionRequest(request: ExecutionRequest): void;
    }): void;
  }[];
}): RequestListener & { dispose(): Promise<void> };
