import { parseForm } from "./form.ts";
import { StripeError } from "./stripe-error.ts";
import type { Routes } from "./routes/route.ts";
import type { HttpResponse, Store } from "./store.ts";

/**
 * The bank's page of 3-D Secure, for a browser: `/authenticate/<client secret>`.
 * The client secret is the permission, as it is for Stripe's library.
 */
export function authenticationPage(routes: Routes, store: Store, url: URL, body: string): HttpResponse {
  const secret = decodeURIComponent(url.pathname.slice("/authenticate/".length));
  const intent = store.intent(secret.split("_secret_")[0] ?? "");
  if (!intent || intent.client_secret !== secret) return page("<p>No such payment.</p>", 404);
  const outcome = parseForm(body)["outcome"];
  const route = routes["POST /v1/test/payment_intents/:id/authenticate"];
  if (outcome === undefined || !route) {
    const isWaiting = intent.status === "requires_action";
    return page(isWaiting ? form(intent.amount, intent.currency) : `<p>${intent.status}</p>`);
  }
  try {
    const request = { id: intent.id, params: { outcome }, now: Math.floor(Date.now() / 1000) };
    const done = store.atomically(() => route.handle(request));
    return page(done instanceof StripeError ? "<p>Refused.</p>" : "<p>Thank you. Go back to the shop.</p>");
  } catch (error) {
    if (error instanceof StripeError) return page("<p>Nothing to authenticate.</p>", error.status);
    throw error;
  }
}

function form(amount: number, currency: string): string {
  return `<p>Your bank asks: is it you who pays ${amount} ${currency.toUpperCase()} (smallest units)?</p>
<form method="post"><button name="outcome" value="succeed">Yes, complete it</button>
<button name="outcome" value="fail">No, fail it</button></form>`;
}

function page(content: string, status = 200): HttpResponse {
  const body = `<!doctype html><meta charset="utf-8"><title>3-D Secure (stand-in)</title>
<body style="font:16px system-ui;max-width:30rem;margin:4rem auto">${content}</body>`;
  return { status, body };
}
