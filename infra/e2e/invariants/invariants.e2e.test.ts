import { eventually } from "@shop/testkit/eventually";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { request } from "undici";
import { checkInvariants, untilInvariantsHold } from "../src/check-invariants.ts";
import { withDatabases } from "../src/invariants/read-shop.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";
import { corruptions } from "./corruptions.ts";
import { holdSmallSale } from "./small-sale.ts";

describe("the checker of the invariants", () => {
  let open: OpenShop;
  beforeAll(async () => {
    open = await openShop();
    const { guest } = open;
    const [ordinary, ofSale] = await plentyOf(guest, 2, 10);
    const skus = [ordinary?.sku ?? ""];
    const ada = guest.as(await logIn(guest, "customer@shop.test"));
    for (const who of [guest, ada]) {
      const input = { ...(await readyCart(who, skus, 2)), idempotencyKey: key() };
      const checkout = await who.carryOut("checkout-lean", { input });
      await untilOrder(who, checkout.order.id, checkout.orderToken, ["CONFIRMED"]);
    }
    await holdSmallSale(open, ofSale?.sku ?? "");
    const wrong = await untilInvariantsHold(() => open.shop.status());
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  });
  afterAll(() => open.close());

  test.each(corruptions)(
    "sees what is wrong in $table of $owner: $says",
    async ({ says, owner, table, wrong }) => {
      const status = await open.shop.status();
      const act = (sql: string) => withDatabases(status, (databases) => databases[owner].unsafe(sql));
      await act(`create table kept as select * from ${table}; ${wrong}`);
      try {
        expect(await checkInvariants(status)).toContainEqual(expect.stringMatching(says));
      } finally {
        // Without the checks of foreign keys, which would keep the corrupted rows from being taken away.
        await act(`begin; set local session_replication_role = replica; delete from ${table};
        insert into ${table} overriding system value select * from kept; drop table kept; commit`);
      }
      expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);
    },
  );

  test("sees money at the provider that is no payment's, or open; a refund there reaches the payment", async () => {
    const status = await open.shop.status();
    const ask = async (path: string, params: Record<string, string>) => {
      const { body, statusCode } = await request(`${status.stripe?.url}/v1/${path}`, {
        method: "POST",
        headers: { authorization: "Bearer sk_test_check" },
        body: new URLSearchParams(params).toString(),
      });
      const answer = await body.json();
      if (statusCode !== 200) throw new Error(`${path}: ${JSON.stringify(answer)}`);
      return answer as { id: string };
    };
    const [order] = await withDatabases(
      status,
      ({ payment }) =>
        payment<{ id: string; intent: string }[]>`select order_id as id, intent_id as intent from payments`,
    );
    const orderId = order?.id ?? "";
    const card = { amount: "500", currency: "usd", payment_method: "pm_card_visa", confirm: "true" };
    const made = await ask("payment_intents", {
      ...card,
      capture_method: "manual",
      "metadata[orderId]": orderId,
    });
    const wrong = await checkInvariants(status);
    expect(wrong).toContain(`I13: intent ${made.id} at the provider is no payment's`);
    expect(wrong).toContain(`I3: order ${orderId} is CONFIRMED, and intent ${made.id} is requires_capture`);
    await ask("refunds", { payment_intent: order?.intent ?? "", amount: "1" });
    const refunded = async () =>
      await withDatabases(status, async ({ payment }) => {
        const [row] = await payment<{ refunded: number }[]>`
          select refunded from payments where order_id = ${orderId}`;
        return row?.refunded;
      });
    const isRecorded = async () => (await refunded()) === 1;
    await eventually(isRecorded, "the refund was not recorded", { withinMs: 60_000, progress: refunded });
    expect((await checkInvariants(status)).filter((one) => /paid back|keeps|kept/.test(one))).toEqual([]);
  });
});
