import { parseForm } from "./form.ts";
import { Problem } from "./problem.ts";
import type { Routes } from "./routes/route.ts";
import type { HttpResponse, Store } from "./store.ts";

/**
 * The bank's page of 3-D Secure, for a browser: `/authenticate/<client secret>`.
 * The client secret is the permission, as it is for Stripe's library.
 */
export function authenticationPage(routes: Routes, store: Store, url: URL, body: string): HttpResponse {
  const secret = decodeURIComponent(url.pathname.slice("/authenticate/".length));
  const intent = store.intent(secret.split("_secret_")[0] ?? "");
  if (!intent || intent.client_secret !== secret)
    return { status: 404, body: html("<p>No such payment.</p>") };
  const outcome = parseForm(body)["outcome"];
  const route = routes["POST /v1/test/payment_intents/:id/authenticate"];
  if (outcome === undefined || !route) {
    const asks = intent.status === "requires_action";
    return {
      status: 200,
      body: html(asks ? form(intent.amount, intent.currency) : `<p>${intent.status}</p>`),
    };
  }
  try {
    const params = { outcome };
    const done = store.atomically(() =>
      route.handle({ id: intent.id, params, now: Math.floor(Date.now() / 1000) }),
    );
    return {
      status: 200,
      body: html(done instanceof Problem ? "<p>Refused.</p>" : "<p>Thank you. Go back to the shop.</p>"),
    };
  } catch (error) {
    if (error instanceof Problem)
      return { status: error.status, body: html("<p>Nothing to authenticate.</p>") };
    throw error;
  }
}

function form(amount: number, currency: string): string {
  return `<p>Your bank asks: is it you who pays ${amount} ${currency.toUpperCase()} (smallest units)?</p>
<form method="post"><button name="outcome" value="succeed">Yes, complete it</button>
<button name="outcome" value="fail">No, fail it</button></form>`;
}

function html(content: string): string {
  return `<!doctype html><meta charset="utf-8"><title>3-D Secure (stand-in)</title>
<body style="font:16px system-ui;max-width:30rem;margin:4rem auto">${content}</body>`;
}
