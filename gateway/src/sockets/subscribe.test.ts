import { readFileSync } from "node:fs";
import { getOperationAST, parse } from "graphql";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LoadedSupergraph } from "../graph/supergraph.ts";
import { guest, type Caller } from "../identity/caller.ts";
import { errorMasker } from "../errors/mask-errors.ts";
import { createMetrics } from "../metrics.ts";
import { federatedSubscriptions } from "./subscribe.ts";
import type { SubscriptionClients } from "../subgraphs/subscription-clients.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const file = new URL("../../../schema/supergraph/supergraph.graphql", import.meta.url);
const supergraph = new LoadedSupergraph(readFileSync(file, "utf8"));

type Sink = Parameters<SubscriptionClients["subscribe"]>[2];

/** A subscription to an order, whose events the test pushes; the callers of payment reads are recorded. */
function subscription(fields: string) {
  const document = parse(
    `subscription ($token: String) { orderUpdated(orderId: "ord_1", token: $token) { ${fields} } }`,
  );
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  let sink: Sink | undefined;
  const signed: Caller[] = [];
  const metrics = createMetrics();
  const subscriptionClients = {
    subscribe(_service: string, request: { extensions?: unknown }, given: Sink) {
      sink = given;
      void request.extensions;
      return () => undefined;
    },
  };
  const payment = { status: "CAPTURED" };
  const events = federatedSubscriptions({
    supergraph,
    services: {
      payment: {
        process: async (options: { context?: { caller: Caller } }) => {
          if (options.context) signed.push(options.context.caller);
          return { data: { _entities: [payment] } };
        },
      } as never,
    },
    subscriptionClients: subscriptionClients as unknown as SubscriptionClients,
    sign: (caller) => {
      signed.push(caller);
      return "signed";
    },
    mask: errorMasker(pino({ level: "silent" }), metrics),
    metrics,
  })(
    supergraph.plan({ queryHash: fields, document, operation }),
    { token: "k1.x" },
    { caller: guest, ip: "", requestId: "1", signal: new AbortController().signal },
    () => undefined,
  );
  const push = (order: object) => sink?.next({ data: { orderUpdated: { order } } });
  const pushRaw = (event: object) => sink?.next(event);
  return { events, push, pushRaw, signed };
}

const paid = { payment: { __typename: "Payment", id: "pay_1", proof: "…" } };

test("a guest is the same asker when an event is subscribed to and when its payment is read", async () => {
  const { events, push, signed } = subscription("order { payment { status } }");
  push(paid);
  const { value } = (await events.next()) as { value: { data: unknown } };
  expect(value.data).toEqual({ orderUpdated: { order: { payment: { status: "CAPTURED" } } } });
  expect(signed).toHaveLength(2);
  expect(signed[0]).toEqual({ kind: "guest", proofScope: expect.any(String) as string });
  expect(signed[1]).toBe(signed[0]);
});

test("an event that waited for longer than its proofs live interrupts, and is never shown with a gap", async () => {
  const { events, push } = subscription("order { payment { status } }");
  push(paid);
  vi.setSystemTime(Date.now() + 55_000);
  await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SUBSCRIPTION_INTERRUPTED" } });
  expect(await events.next()).toEqual({ value: undefined, done: true });
});

test("an event without proofs may wait", async () => {
  const { events, push } = subscription("order { number }");
  push({ number: "A" });
  vi.setSystemTime(Date.now() + 600_000);
  expect(await events.next()).toMatchObject({
    value: { data: { orderUpdated: { order: { number: "A" } } } },
  });
});

test("an event whose field throws is pushed as INTERNAL_SERVER_ERROR, and the next event follows", async () => {
  const { events, push } = subscription("order { number }");
  const order = {
    get number() {
      throw new Error("secret");
    },
  };
  push(order);
  push({ number: "A" });
  const { value } = (await events.next()) as { value: { data: unknown; errors: { message: string }[] } };
  expect(value.data).toBeNull();
  expect(value.errors).toMatchObject([{ extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
  expect(value.errors[0]?.message).not.toContain("secret");
  expect(await events.next()).toMatchObject({
    value: { data: { orderUpdated: { order: { number: "A" } } } },
  });
});

test("a subscription that its subgraph refuses with an answer of errors alone is over, with them", async () => {
  const { events, pushRaw } = subscription("order { number }");
  pushRaw({ errors: [{ message: "No such order.", extensions: { code: "NOT_FOUND" } }] });
  await expect(events.next()).rejects.toMatchObject({ extensions: { code: "NOT_FOUND" } });
  expect(await events.next()).toEqual({ value: undefined, done: true });
});
