import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { parseForm } from "./form.ts";
import { StripeError, badRequest, keyInUse, keyReused } from "./stripe-error.ts";
import type { Route, Routes } from "./routes/route.ts";
import type { HttpResponse, Store } from "./store.ts";

type ApiRequest = { request: IncomingMessage; url: URL; body: string };
type ApiResponse = HttpResponse & { replayed: boolean };

/** Handles API requests: authentication, routing, idempotency, and the transaction around each route. */
export function requestHandler(store: Store, routes: Routes) {
  const inProgress = new Set<string>();

  return async (asked: ApiRequest, delay?: () => Promise<void> | undefined): Promise<ApiResponse> => {
    const { request, url, body } = asked;
    let claimed: string | undefined;
    try {
      authorise(request.headers.authorization);
      const { route, id } = routeFor(routes, request.method ?? "GET", url.pathname);
      const encoded = request.method === "POST" ? body : url.search.slice(1);
      const params = parseForm(encoded);
      const unknown = Object.keys(params).find((name) => name !== "expand" && !route.accepts.includes(name));
      if (unknown) throw badRequest("parameter_unknown", `Received unknown parameter: ${unknown}`, unknown);

      const header = request.headers["idempotency-key"];
      const key =
        request.method === "POST" && typeof header === "string" && header !== "" ? header : undefined;
      if (key !== undefined) {
        if (inProgress.has(key)) throw keyInUse(key);
        inProgress.add((claimed = key));
      }
      await delay?.();
      const fingerprint = fingerprintOf(`${request.method} ${url.pathname}`, encoded);
      return store.atomically(() => {
        const record = key === undefined ? undefined : store.idempotencyRecord(key);
        if (record && record.fingerprint !== fingerprint) throw keyReused(key ?? "");
        if (record) return { status: record.status, body: record.body, replayed: true };
        const outcome = outcomeOf(route, { id, params, now: Math.floor(Date.now() / 1000) });
        const answer =
          outcome instanceof StripeError
            ? toResponse(outcome)
            : { status: 200, body: JSON.stringify(outcome) };
        if (key !== undefined) store.saveIdempotencyRecord(key, fingerprint, answer);
        return { ...answer, replayed: false };
      });
    } catch (error) {
      // The request was refused before its route ran: as at Stripe, its idempotency key may be used again.
      if (error instanceof StripeError) return { ...toResponse(error), replayed: false };
      throw error;
    } finally {
      if (claimed !== undefined) inProgress.delete(claimed);
    }
  };
}

/** As at Stripe, the idempotency record has a refusal by the intent's state; a wrong parameter leaves none. */
function outcomeOf(route: Route, request: Parameters<Route["handle"]>[0]): object {
  try {
    return route.handle(request);
  } catch (error) {
    if (error instanceof StripeError && !error.body.code?.startsWith("parameter_")) return error;
    throw error;
  }
}

function toResponse(error: StripeError): HttpResponse {
  return { status: error.status, body: JSON.stringify({ error: error.body }) };
}

function authorise(header: string | undefined): void {
  const key = /^Bearer (.+)$/.exec(header ?? "")?.[1];
  if (key && /^sk_test_\w+$/.test(key)) return;
  const message = !key
    ? "You did not provide an API key: send 'Authorization: Bearer sk_test_…'."
    : key.startsWith("sk_live_")
      ? "A live key was sent to the local stand-in, which moves no money. It was not looked at further."
      : `Invalid API Key provided: ${key.slice(0, 7)}****`;
  throw new StripeError(401, { type: "invalid_request_error", message });
}

function routeFor(routes: Routes, method: string, path: string): { route: Route; id: string } {
  const plain = routes[`${method} ${path}`];
  if (plain) return { route: plain, id: "" };
  const match = /^(\/v1\/(?:test\/)?[a-z_]+)\/([^/]+)(\/[a-z_]+)?$/.exec(path);
  const route = match && routes[`${method} ${match[1]}/:id${match[3] ?? ""}`];
  if (!route) {
    const message = `Unrecognized request URL (${method}: ${path}).`;
    throw new StripeError(404, { type: "invalid_request_error", message });
  }
  return { route, id: decodeURIComponent(match[2] ?? "") };
}

function fingerprintOf(act: string, encoded: string): string {
  const sorted = encoded.split("&").toSorted().join("&");
  return createHash("sha256").update(`${act}\n${sorted}`).digest("base64url");
}
