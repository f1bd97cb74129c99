import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { guest } from "../identity/caller.ts";
import { createMetrics } from "../metrics.ts";
import { graphqlEndpoint } from "./graphql-endpoint.ts";

test("a request whose answer fails at its last step is counted as well", async () => {
  const metrics = createMetrics();
  const endpoint = graphqlEndpoint({
    server: undefined as never,
    answerKnown: () => Promise.reject(new Error("secret")),
    verify: async () => ({ caller: guest }),
    metrics,
    charge: undefined,
    trustedProxies: 0,
  });
  const failures: unknown[] = [];
  const server = createServer((request, response) => {
    endpoint(request, response, "").catch((error: unknown) => {
      failures.push(error);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body: "{}" });
  server.close();
  expect([answer.status, failures.length]).toEqual([500, 1]);
  const text = await metrics.registry.getSingleMetricAsString("gateway_request_seconds");
  expect(text).toMatch(/_count\{.*http.*\} 1/);
});
