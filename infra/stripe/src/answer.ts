import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { parseForm } from "./form.ts";
import { Problem, badRequest, keyInUse, keyReused } from "./problem.ts";
import type { Route } from "./routes.ts";
import type { Answer, Store } from "./store.ts";

type Asked = { request: IncomingMessage; url: URL; body: string };
type Answered = Answer & { replayed: boolean };

/** Authentication, routing, idempotency and the transaction around each act. */
export function answerTo(store: Store, routes: Record<string, Route>) {
  const inProgress = new Set<string>();

  return async (asked: Asked, delay?: () => Promise<void> | undefined): Promise<Answered> => {
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
        const kept = key === undefined ? undefined : store.kept(key);
        if (kept && kept.fingerprint !== fingerprint) throw keyReused(key ?? "");
        if (kept) return { status: kept.status, body: kept.body, replayed: true };
        const outcome = outcomeOf(route, { id, params, nowMs: Date.now() });
        const answer =
          outcome instanceof Problem ? shaped(outcome) : { status: 200, body: JSON.stringify(outcome) };
        if (key !== undefined) store.keep(key, fingerprint, answer);
        return { ...answer, replayed: false };
      });
    } catch (error) {
      // Found before anything was tried: like Stripe's, it doesn't use the key up.
      if (error instanceof Problem) return { ...shaped(error), replayed: false };
      throw error;
    } finally {
      if (claimed !== undefined) inProgress.delete(claimed);
    }
  };
}

/** As at Stripe, a refusal by the intent's state is kept under the key; a wrong parameter is not. */
function outcomeOf(route: Route, request: Parameters<Route["act"]>[0]): object {
  try {
    return route.act(request);
  } catch (error) {
    if (error instanceof Problem && !error.body.code?.startsWith("parameter_")) return error;
    throw error;
  }
}

function shaped(problem: Problem): Answer {
  return { status: problem.status, body: JSON.stringify({ error: problem.body }) };
}

function authorise(header: string | undefined): void {
  const key = /^Bearer (.+)$/.exec(header ?? "")?.[1];
  if (key && /^sk_test_\w+$/.test(key)) return;
  const message = !key
    ? "You did not provide an API key: send 'Authorization: Bearer sk_test_…'."
    : key.startsWith("sk_live_")
      ? "A live key was sent to the local stand-in, which moves no money. It was not looked at further."
      : `Invalid API Key provided: ${key.slice(0, 7)}****`;
  throw new Problem(401, { type: "invalid_request_error", message });
}

function routeFor(routes: Record<string, Route>, method: string, path: string): { route: Route; id: string } {
  const plain = routes[`${method} ${path}`];
  if (plain) return { route: plain, id: "" };
  const match = /^(\/v1\/(?:test\/)?[a-z_]+)\/([^/]+)(\/[a-z_]+)?$/.exec(path);
  const route = match && routes[`${method} ${match[1]}/:id${match[3] ?? ""}`];
  if (!route) {
    const message = `Unrecognized request URL (${method}: ${path}).`;
    throw new Problem(404, { type: "invalid_request_error", message });
  }
  return { route, id: decodeURIComponent(match[2] ?? "") };
}

function fingerprintOf(act: string, encoded: string): string {
  const sorted = encoded.split("&").toSorted().join("&");
  return createHash("sha256").update(`${act}\n${sorted}`).digest("base64url");
}
