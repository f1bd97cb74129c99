import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { untilInvariantsHold } from "../src/check-invariants.ts";
import type { CheckoutInput, OrderStatus } from "../src/generated/operations.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { key, plentyOf, readyCart, untilOrder, untilReady } from "../src/shopping.ts";
import { callUnderKeys } from "./idempotent-calls.ts";

const ends: OrderStatus[] = ["CONFIRMED", "REJECTED", "CANCELLED", "EXPIRED"];
const services = [
  "order",
  "inventory",
  "payment",
  "shipping",
  "cart",
  "catalog",
  "search",
  "account",
  "gateway",
  "stripe",
];

describe("a service is killed in the middle of 100 checkouts", () => {
  let open: OpenShop;
  let idempotent: Awaited<ReturnType<typeof callUnderKeys>>;
  let calledAt: number;
  beforeAll(async () => {
    open = await openShop({ isSplit: true });
    idempotent = await callUnderKeys(open.guest);
    calledAt = Date.now();
  });
  afterAll(() => open.close());

  test.each(services)(
    "kill -9 of %s: each order ends in one outcome, and the invariants hold",
    async (victim) => {
      const { guest, shop } = open;
      await untilReady(shop.url);
      const skus = (await plentyOf(guest, 10, 30)).map(({ sku }) => sku);
      const inputs = await Promise.all(
        Array.from({ length: 100 }, async (_, n) => ({
          ...(await readyCart(guest, [skus[n % skus.length] ?? ""])),
          idempotencyKey: key(),
        })),
      );
      // A client without an answer sends the same again under the same key, as a phone would.
      const checkout = async (input: CheckoutInput) => {
        for (let tries = 0; ; tries++) {
          const answer = await guest.send("checkout-lean", { input }).catch(() => undefined);
          if (answer && !answer.errors && answer.data?.checkout.order) return answer.data.checkout;
          if (tries > 100) throw new Error(`never answered: ${JSON.stringify(answer)}`);
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      };
      const running = inputs.map((input, n) =>
        new Promise((go) => setTimeout(go, n * 10)).then(() => checkout(input)),
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      await shop.kill(victim, "SIGKILL");
      const payloads = await Promise.all(running);
      const ended = await Promise.all(
        payloads.map(async ({ order, orderToken }) => {
          for (let tries = 0; ; tries++) {
            try {
              return await untilOrder(guest, order.id, orderToken, ends, 60_000);
            } catch (error) {
              if (tries > 2) throw error;
            }
          }
        }),
      );
      expect(ended).toHaveLength(100);
      expect(new Set(ended.map(({ id }) => id)).size).toBe(100);
      expect(await untilInvariantsHold(() => shop.status())).toEqual([]);
    },
    180_000,
  );

  test("what was done under a key before all that is answered as it was a minute later, and not done again", async () => {
    await new Promise((resolve) => setTimeout(resolve, calledAt + 61_000 - Date.now()));
    await untilReady(open.shop.url);
    const { orderIds, calls } = idempotent;
    for (const [n, { again, otherwise }] of calls.entries()) {
      const status = n < 2 ? "CONFIRMED" : "CANCELLED";
      expect(await again()).toMatchObject({ order: { id: orderIds[n], status }, userErrors: [] });
      expect((await otherwise()).userErrors).toMatchObject([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
    }
    expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);
  });
});
