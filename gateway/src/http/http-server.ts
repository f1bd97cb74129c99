import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { sendJson, sendText } from "@shop/service/http";
import type { Logger } from "pino";
import { explorerAsset } from "../pages/explorer-assets.ts";
import type { Metrics } from "../metrics.ts";
import { requestIdOf } from "../request-id.ts";
import { compressed } from "./compress.ts";
import type { HttpEndpoint } from "./graphql-endpoint.ts";
import type { Readiness } from "./readiness.ts";

export interface HttpServerDeps {
  graphql: HttpEndpoint;
  stripeWebhook: HttpEndpoint;
  /** The stand-in's page of 3-D Secure, where there is one. */
  bankPage: HttpEndpoint | undefined;
  isMetricsReader: (request: IncomingMessage) => boolean;
  readiness: Readiness;
  isDraining(): boolean;
  metrics: Metrics;
  pages: { sandbox: string; explorer: string };
  log: Logger;
}

/** The gateway's HTTP server: one answer for each path. */
export function createHttpServer(parts: HttpServerDeps): Server {
  const { graphql, stripeWebhook, bankPage, isMetricsReader, readiness, isDraining, metrics, pages, log } =
    parts;

  return createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 15_000, requestTimeout: 60_000 },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        const requestId = requestIdOf(response.getHeader("x-request-id"));
        if (!response.headersSent) response.setHeader("x-request-id", requestId);
        log.error({ err: error, requestId, path: request.url }, "a request could not be answered");
        if (response.headersSent) response.destroy();
        else {
          const extensions = { code: "INTERNAL_SERVER_ERROR", requestId };
          sendJson(response, 500, { errors: [{ message: "Something went wrong on our side.", extensions }] });
        }
      });
    },
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = "/", search = ""] = (request.url ?? "/").split(/\?(.*)/s);
    if (isDraining()) response.setHeader("connection", "close");
    if (instance && (path === "/healthz" || path === "/readyz"))
      response.setHeader("x-shop-instance", instance);
    if (path === "/graphql") {
      if (wantsPage(request, search)) return sendPage(request, response, pages.sandbox);
      return graphql(request, response, search);
    }
    if (path === "/webhooks/stripe" && request.method === "POST")
      return stripeWebhook(request, response, search);
    if (bankPage && path.startsWith("/authenticate/")) return bankPage(request, response, search);
    if (request.method !== "GET" && request.method !== "HEAD")
      return sendJson(response, 404, { error: "not found" });
    if (path === "/") return sendPage(request, response, pages.sandbox);
    if (path === "/healthz") return sendJson(response, 200, { status: "alive" });
    if (path === "/readyz") return sendReadiness(response);
    if (path === "/metrics" && isMetricsReader(request)) {
      const text = await compressed(request, response, await metrics.registry.metrics());
      return sendText(response, 200, metrics.registry.contentType, text);
    }
    if (path === "/explorer" || path === "/explorer/") return sendPage(request, response, pages.explorer);
    if (path.startsWith("/explorer/")) {
      const asset = await explorerAsset(path.slice("/explorer/".length));
      if (asset) {
        const body = await compressed(request, response, asset.body, { name: path });
        return sendText(response, 200, asset.type, body);
      }
    }
    sendJson(response, 404, { error: "not found" });
  }

  async function sendReadiness(response: ServerResponse): Promise<void> {
    const { gaps, troubles } = isDraining()
      ? { gaps: ["the gateway is stopping"], troubles: {} }
      : await readiness();
    if (gaps.length > 0) return sendJson(response, 503, { status: "not ready", gaps, troubles });
    const isDegraded = Object.keys(troubles).length > 0;
    sendJson(response, 200, isDegraded ? { status: "degraded", troubles } : { status: "ready" });
  }
}

/** The launcher's name for this process, by which its probe knows this gateway from another. */
const instance = process.env["SHOP_INSTANCE"];

/** Whether a browser opens the endpoint, as against a client that sends a query by GET. */
function wantsPage(request: IncomingMessage, search: string): boolean {
  if (request.method !== "GET" || search.includes("query=")) return false;
  return request.headers.accept?.includes("text/html") ?? false;
}

async function sendPage(request: IncomingMessage, response: ServerResponse, html: string): Promise<void> {
  const body = await compressed(request, response, html);
  sendText(response, 200, "text/html; charset=utf-8", body);
}
