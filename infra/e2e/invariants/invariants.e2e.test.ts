import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { request } from "undici";
import { checkInvariants, untilInvariantsHold } from "../src/check-invariants.ts";
import { withDatabases, type Owner } from "../src/invariants/read-shop.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { key, plentyOf, readyCart, untilOrder } from "../src/shopper.ts";

/** One thing goes wrong in one service's books: what the checker must say of it, and how it is put right again. */
const wrongs: [says: RegExp, owner: Owner, wrong: string, right: string][] = [
  [/^I1: /, "inventory", "update stock set sold = sold + 1", "update stock set sold = sold - 1"],
  [
    /^I3: .*is kept/,
    "payment",
    "update payments set amount = amount + 1",
    "update payments set amount = amount - 1",
  ],
  [
    /^I4: stock is RESERVED for ord_nobody/,
    "inventory",
    "insert into reservations (order_id, status) values ('ord_nobody', 'RESERVED')",
    "delete from reservations where order_id = 'ord_nobody'",
  ],
  [
    /^I5: /,
    "order",
    "update orders set bought = jsonb_set(bought, '{lines,0,quantity}', '7')",
    "update orders set bought = jsonb_set(bought, '{lines,0,quantity}', '1')",
  ],
  [
    /^I6: evt\.order\.\d+\.OrderConfirmed .* no effect on shipping/,
    "shipping",
    "create table kept as select * from inbox; delete from inbox",
    "insert into inbox select * from kept; drop table kept",
  ],
  [
    /^I10: a task of payment is overdue: capture/,
    "payment",
    "insert into tasks (id, kind, payload, run_at) values ('late', 'capture', '{}', now() - interval '1 hour');" +
      "update tasks set locked_until = now() - interval '1 minute', attempts = 21 where id = 'late'",
    "delete from tasks where id = 'late'",
  ],
  [
    /^I11: the timeline of ord_\w+, which is CONFIRMED, goes from CREATED to PAID/,
    "order",
    "update order_events e set status = 'PAID' from orders o where o.id = order_id and e.counter = o.counter",
    "update order_events e set status = 'CONFIRMED' from orders o where o.id = order_id and e.counter = o.counter",
  ],
  [
    /^I11: evt\.payment\.\d+\.PaymentCaptured .* nobody has said/,
    "order",
    "create table kept as select * from outbox_log; delete from outbox_log where subject like '%OrderPaid'",
    `insert into outbox_log (event_id, chain, subject, body) select event_id, chain, subject, body from kept
       where subject like '%OrderPaid'; drop table kept`,
  ],
];

describe("whoever checks the invariants", () => {
  let open: OpenShop;
  beforeAll(async () => {
    open = await openShop();
    const { guest } = open;
    const skus = (await plentyOf(guest, 1, 10)).map(({ sku }) => sku);
    const input = { ...(await readyCart(guest, skus)), idempotencyKey: key() };
    const { data } = await guest.send("checkout-lean", { input });
    await untilOrder(guest, data?.checkout.order.id, data?.checkout.orderToken, ["CONFIRMED"], 30_000);
    const wrong = await untilInvariantsHold(() => open.shop.status());
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  });
  afterAll(() => open.close());

  test.each(wrongs)("sees what is wrong: %s", async (says, owner, wrong, right) => {
    const status = await open.shop.status();
    const act = (sql: string) => withDatabases(status, (databases) => databases[owner].unsafe(sql));
    await act(wrong);
    try {
      expect(await checkInvariants(status)).toContainEqual(expect.stringMatching(says));
    } finally {
      await act(right);
    }
    expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);
  });

  test("sees money at the provider that is nobody's, or open, or given back behind our back", async () => {
    const status = await open.shop.status();
    const ask = async (path: string, params: Record<string, string>) => {
      const { body } = await request(`${status.stripe?.url}/v1/${path}`, {
        method: "POST",
        headers: { authorization: "Bearer sk_test_check" },
        body: new URLSearchParams(params).toString(),
      });
      return (await body.json()) as { id: string };
    };
    const [order] = await withDatabases(
      status,
      ({ payment }) =>
        payment<{ id: string; intent: string }[]>`select order_id as id, intent_id as intent from payments`,
    );
    const orderId = order?.id ?? "";
    const card = { amount: "5", currency: "usd", payment_method: "pm_card_visa", confirm: "true" };
    const made = await ask("payment_intents", {
      ...card,
      capture_method: "manual",
      "metadata[orderId]": orderId,
    });
    const wrong = await checkInvariants(status);
    expect(wrong).toContain(`I13: intent ${made.id} at the provider is no payment's`);
    expect(wrong).toContain(`I3: order ${orderId} is CONFIRMED, and intent ${made.id} is requires_capture`);
    await ask("refunds", { payment_intent: order?.intent ?? "", amount: "1" });
    expect(await checkInvariants(status)).toContainEqual(
      expect.stringMatching(/^I3: .*CONFIRMED, the provider keeps/),
    );
  });
});
