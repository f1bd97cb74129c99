import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { requestHandler } from "./handle-request.ts";
import { authenticationPage } from "./authentication-page.ts";
import type { FaultSettings } from "./fault-settings.ts";
import { newId } from "./new-id.ts";
import { routes as routesOf } from "./routes/routes.ts";
import { openStore, type HttpResponse } from "./store.ts";
import { deliverWebhooks, recordEvent, type WebhookTarget } from "./webhooks.ts";

export type StandIn = AsyncDisposable & { url: string; port: number };
export type StandInOptions = {
  port: number;
  dataFolder: string;
  faults: FaultSettings;
  webhook?: WebhookTarget;
};

const maxBodyBytes = 64 * 1024;

/** Starts the stand-in on a folder; port 0 takes a free one. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { faults, webhook } = options;
  const store = openStore(options.dataFolder);
  const emit = (type: string, object: object) =>
    recordEvent(store, faults, { type, object, hasWebhook: webhook !== undefined });
  const routes = routesOf({ store, faults, emit });
  const answer = requestHandler(store, routes);
  const deliveries = webhook && deliverWebhooks(store, webhook);

  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? "/", "http://stand-in");
      const body = await bodyOf(request);
      const send = (
        { status, body: text }: HttpResponse,
        type: string,
        headers: Record<string, string> = {},
      ) => {
        const length = Buffer.byteLength(text);
        response.writeHead(status, { "content-type": type, "content-length": length, ...headers }).end(text);
      };
      if (url.pathname === "/healthz") {
        const instance = process.env["SHOP_INSTANCE"];
        return send(
          { status: 200, body: "ok" },
          "text/plain",
          instance ? { "x-shop-instance": instance } : {},
        );
      }
      if (url.pathname.startsWith("/authenticate/")) {
        return send(authenticationPage(routes, store, url, body), "text/html; charset=utf-8");
      }
      const isTest = url.pathname.startsWith("/v1/test/");
      const delay = isTest ? undefined : () => (faults.latencyMs > 0 ? wait(faults.latencyMs) : undefined);
      const { replayed, ...given } = await answer({ request, url, body }, delay);
      if (!isTest && Math.random() < faults.lostResponses) return void request.socket.destroy();
      send(given, "application/json", {
        "request-id": newId("req"),
        ...(replayed && { "idempotent-replayed": "true" }),
      });
    } catch (error) {
      console.error(error);
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end('{"error":{"type":"api_error","message":"An unknown error occurred"}}');
    }
  }
  // Longer than any client keeps a connection: the stand-in never closes one that is about to be used.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await deliveries?.[Symbol.asyncDispose]();
      server.closeAllConnections();
      await closed;
      store[Symbol.dispose]();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new Error("The request's body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
