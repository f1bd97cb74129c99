import { money, type Money } from "@shop/values";
import Stripe from "stripe";
import { expect, test, vi } from "vitest";
import { perform } from "./perform.ts";

const secretToken = "pm_secret_of_the_customer";

/** Asks for one authorisation at a provider that refuses it so. */
async function authorize({ total = money(4200, "USD"), refusal = {} }: { total?: Money; refusal?: object }) {
  const create = vi.fn(() =>
    Promise.reject(
      Stripe.errors.StripeError.generate({
        ...{
          statusCode: 400,
          type: "invalid_request_error",
          message: `No ${secretToken}`,
          requestId: "req_1",
        },
        ...refusal,
      } as never),
    ),
  );
  const log = { error: vi.fn() };
  const deps = {
    stripe: { paymentIntents: { create } } as unknown as Stripe,
    shop: "shop",
    openSealed: () => secretToken,
    log,
  };
  const call = {
    op: "authorize",
    orderId: "ord_1",
    attempt: 1,
    token: "sealed",
    total,
    intentId: null,
  } as const;
  const answer = await perform(deps, call, 1).catch((error: unknown) => error as Error);
  return { answer, asked: create.mock.calls.length, logged: log.error.mock.calls };
}

test("a request that we got wrong is an error in the log, and has a code of its own", async () => {
  const { answer, logged } = await authorize({ refusal: { code: "parameter_unknown", param: "allowed" } });
  expect(answer).toMatchObject({ kind: "declined", code: "SHOP_FAILED" });
  expect(logged).toHaveLength(1);
  expect(logged[0]?.[0]).toMatchObject({
    ...{ op: "authorize", orderId: "ord_1", code: "parameter_unknown", param: "allowed", requestId: "req_1" },
  });
  expect(JSON.stringify(logged)).not.toContain(secretToken);
});

test("a payment method that can't be used is the customer's matter, and alarms nobody", async () => {
  const { answer, logged } = await authorize({
    refusal: { code: "resource_missing", param: "payment_method" },
  });
  expect(answer).toMatchObject({ kind: "declined", code: "METHOD_NOT_ACCEPTED" });
  expect(logged).toEqual([]);
});

test.each([money(100_000_000, "USD"), money(49, "USD"), money(1231, "KWD"), money(100, "IRR")])(
  "what can't be paid is not asked for: %o",
  async (total) => {
    const { answer, asked } = await authorize({ total });
    expect(answer).toMatchObject({ kind: "declined", code: "AMOUNT_NOT_PAYABLE" });
    expect(asked).toBe(0);
  },
);

test("an amount that only the provider knows to be too small is told, and alarmed of", async () => {
  const { answer, logged } = await authorize({ refusal: { code: "amount_too_small" } });
  expect(answer).toMatchObject({ kind: "declined", code: "AMOUNT_NOT_PAYABLE" });
  expect(logged).toHaveLength(1);
});

test("a wrong secret key declines no payment: it is asked again, and alarmed of", async () => {
  const { answer, logged } = await authorize({ refusal: { statusCode: 401 } });
  expect(answer).toEqual(new Error("Stripe: StripeAuthenticationError 401 req_1"));
  expect(logged).toHaveLength(1);
});
