import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createGatewayRuntime } from "./hive-runtime.mjs";
import type { OpenShop } from "../src/open-shop.ts";

const supergraphFile = new URL("../../../schema/supergraph/supergraph.graphql", import.meta.url);

/** Hive Gateway in front of a running shop's subgraphs, for guests: it signs their identity as our gateway does. */
export async function startHiveGateway({ shop, dataFolder }: OpenShop) {
  const { services } = await shop.status();
  const { root } = JSON.parse(await readFile(path.join(dataFolder, "secrets.json"), "utf8")) as {
    root: string;
  };
  const master = hmac(root, "identity");
  const identity = (subgraph: string) => {
    const claims = {
      aud: subgraph,
      exp: Math.floor(Date.now() / 1000) + 60,
      kind: "guest",
      proofScope: "hive",
    };
    const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
    return `${text}.${hmac(hmac(master, `identity:${subgraph}`), text)}`;
  };
  const sdl = await readFile(supergraphFile, "utf8");
  const supergraph = sdl.replace(/url: "http:\/\/(\w+)\.shop\.internal\/graphql"/g, (_, name: string) => {
    const { url = "" } = services[name] ?? {};
    return `url: "${new URL("/graphql", url).href}"`;
  });
  const runtime = createGatewayRuntime({
    supergraph,
    logging: false,
    landingPage: false,
    graphiql: false,
    requestId: false,
    transportEntries: { "*.http": { options: { subscriptions: { kind: "ws", location: "/graphql" } } } },
    propagateHeaders: {
      fromClientToSubgraphs: ({ subgraphName }) => ({
        "x-shop-identity": identity(subgraphName.toLowerCase()),
      }),
    },
    plugins: () => [
      {
        // Over a socket the identity is of the operation, not of the connection.
        onSubgraphExecute({ subgraphName, executionRequest, setExecutionRequest }) {
          if (executionRequest.operationType !== "subscription") return;
          const extensions = {
            ...executionRequest.extensions,
            identity: identity(subgraphName.toLowerCase()),
          };
          setExecutionRequest({ ...executionRequest, extensions });
        },
      },
    ],
  });
  const server = createServer(runtime);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    async close() {
      await runtime.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function hmac(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}
