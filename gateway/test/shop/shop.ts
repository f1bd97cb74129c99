import { composeServices } from "@apollo/composition";
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";
import { GraphQLError, parse } from "graphql";
import { pino } from "pino";
import type { GatewayConfig } from "../../src/config.ts";
import { startGateway, type Gateway } from "../../src/gateway.ts";
import { accountSubgraph } from "./account.ts";
import { catalogSubgraph } from "./catalog.ts";
import { orderSubgraph, type OrderUpdate } from "./order.ts";
import { LiveFeed } from "./live-feed.ts";
import { masterKey, startSubgraph, type TestSubgraph } from "./subgraph-server.ts";

export interface TestShop extends AsyncDisposable {
  gateway: Gateway;
  catalog: TestSubgraph;
  order: TestSubgraph;
  account: TestSubgraph;
  payment: TestSubgraph;
  updates: LiveFeed<OrderUpdate>;
  logs: string[];
  token(claims?: TokenClaims): Promise<string>;
  ask(query: string, options?: AskOptions): Promise<Answer>;
  restartOrder(): Promise<void>;
}

export interface TokenClaims {
  userId?: string;
  roles?: string[];
  expiresInS?: number;
  sid?: string;
}

export interface AskOptions {
  variables?: Record<string, unknown>;
  operationName?: string;
  token?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Headers;
  data?: Record<string, unknown> | null;
  extensions?: Record<string, unknown>;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

/** Four small subgraphs, composed, behind a gateway of their own; `more` adds others. */
export async function openShop(
  settings: Partial<GatewayConfig> = {},
  more: Pick<TestSubgraph, "name" | "url" | "typeDefs">[] = [],
): Promise<TestShop> {
  const updates = new LiveFeed<OrderUpdate>();
  const catalog = await startSubgraph(catalogSubgraph());
  let order = await startSubgraph(orderSubgraph(updates));
  const keys = await generateKeyPair("EdDSA", { extractable: true });
  const token: TestShop["token"] = ({
    userId = "usr_1",
    roles = ["CUSTOMER"],
    expiresInS = 300,
    sid = `sid_${userId}`,
  } = {}) =>
    new SignJWT({ roles, email: `${userId}@shop.test`, sid })
      .setProtectedHeader({ alg: "EdDSA" })
      .setSubject(userId)
      .setIssuer("shop")
      .setAudience("shop-api")
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInS)
      .sign(keys.privateKey);
  const account = await startSubgraph(accountSubgraph((userId) => token({ userId })));
  const payment = await startSubgraph(paymentSubgraph);
  const subgraphs = [catalog, order, account, payment, ...more];
  const composed = composeServices(
    subgraphs.map(({ name, url, typeDefs }) => ({ name, url, typeDefs: parse(typeDefs) })),
  );
  if (!composed.supergraphSdl) throw new GraphQLError(String(composed.errors));

  const jwk: JWK = await exportJWK(keys.publicKey);
  const logs: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void logs.push(line) });
  const config: GatewayConfig = {
    PORT: 0,
    HOST: "127.0.0.1",
    SUBGRAPHS: Object.fromEntries(subgraphs.map(({ name, url }) => [name, url])),
    IDENTITY_MASTER_KEY: masterKey,
    JWKS: { keys: [{ ...jwk, kty: "OKP" }] },
    REDIS_URL: "redis://127.0.0.1:1",
    LIMITS: "on",
    COST_PER_ADDRESS: 1_000_000,
    COST_PER_USER: 1_000_000,
    NODE_ENV: "test",
    READY_MIN_PRODUCTS: 0,
    METRICS_FROM: "machine",
    TRUST_PROXY: 0,
    READ_TIMEOUT_MS: 5_000,
    WRITE_TIMEOUT_MS: 30_000,
    MAX_SOCKETS: 100,
    MAX_SOCKETS_PER_ADDRESS: 100,
    MAX_SUBSCRIPTIONS: 15_000,
    MAX_SUBSCRIPTIONS_PER_ADDRESS: 1_000,
    MAX_SUBSCRIPTIONS_PER_USER: 200,
    LOG_LEVEL: "warn",
    ...settings,
  };
  const gateway = await startGateway(config, log, composed.supergraphSdl);

  return {
    gateway,
    catalog,
    get order() {
      return order;
    },
    account,
    payment,
    updates,
    logs,
    token,
    async ask(query, { variables, operationName, token, headers, signal } = {}) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        body: JSON.stringify({ query, variables, operationName }),
        ...(signal ? { signal } : {}),
      });
      const body = (await response.json()) as Pick<Answer, "data" | "errors" | "extensions">;
      return { ...body, status: response.status, headers: response.headers };
    },
    async restartOrder() {
      const port = Number(new URL(order.url).port);
      await order.stop();
      order = await startSubgraph({ ...orderSubgraph(updates), port });
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await Promise.all([catalog.stop(), order.stop(), account.stop(), payment.stop()]);
    },
  };
}

const paymentSubgraph = {
  name: "payment",
  typeDefs: `type Query { methods: [String!] }`,
  resolvers: { Query: { methods: () => ["card"] } },
};
