import { eventually } from "@shop/testkit/eventually";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { untilInvariantsHold } from "../src/check-invariants.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import type { Answer, DataOf } from "../src/answer.ts";
import type { ShipmentStatus } from "../src/generated/operations.ts";
import type { Shopper } from "../src/shopper.ts";
import { key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";

type Placed = { orderId: string; token: string; shipmentId: string };

describe("what has left the house is paid for; what was called off never leaves", () => {
  let open: OpenShop;
  let guest: Shopper;
  let staff: Shopper;
  beforeAll(async () => {
    open = await openShop();
    ({ guest } = open);
    staff = guest.as(await logIn(guest, "staff@shop.test"));
  });
  afterAll(() => open.close());

  /** A confirmed order whose parcel is with the carrier. */
  const scheduled = async (sku: string): Promise<Placed> => {
    const input = { ...(await readyCart(guest, [sku])), idempotencyKey: key() };
    const checkout = await guest.carryOut("checkout", { input });
    const placed = { orderId: checkout.order.id, token: checkout.orderToken };
    const shipmentId = await eventually(
      async () => {
        const page = await untilOrder(guest, placed.orderId, placed.token, ["CONFIRMED"]);
        return page.shipments[0]?.id;
      },
      `order ${placed.orderId} has no parcel`,
      30_000,
    );
    return { ...placed, shipmentId };
  };
  const send = async ({ shipmentId }: Placed, status: ShipmentStatus): Promise<string[]> => {
    const { shipmentAdvance } = await staff.get("shipment-advance", { shipmentId, status });
    return shipmentAdvance.userErrors.map(({ code }) => code);
  };
  const cancel = ({ orderId, token }: Placed, idempotencyKey = key()) =>
    guest.send("order-cancel", { orderId, token, idempotencyKey });
  const codesOf = ({ data }: Answer<DataOf<"order-cancel">>): string[] =>
    data.orderCancel.userErrors.map(({ code }) => code);
  const untilAgreed = async () => expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);

  test("sent and cancelled at once, sixty times: one of the two happens, and all agree on which", async () => {
    const skus = (await plentyOf(guest, 4)).map(({ sku }) => sku);
    const orders = await Promise.all(
      Array.from({ length: 60 }, (_, n) => scheduled(skus[n % skus.length] ?? "")),
    );
    const ends = await Promise.all(
      orders.map(async (placed, n) => {
        const acts = [() => send(placed, "SHIPPED"), async () => codesOf(await cancel(placed))];
        const [one, other] = await Promise.all((n % 2 === 0 ? acts : acts.toReversed()).map((act) => act()));
        return n % 2 === 0 ? { sent: one, cancelled: other } : { sent: other, cancelled: one };
      }),
    );
    for (const [n, end] of ends.entries()) {
      const hasLeft = end.sent?.length === 0;
      expect(end).toEqual(
        hasLeft ? { sent: [], cancelled: ["ORDER_NOT_CANCELLABLE"] } : { sent: ["CONFLICT"], cancelled: [] },
      );
      const { orderId, token } = orders[n] ?? { orderId: "", token: "" };
      const page = await untilOrder(guest, orderId, token, [hasLeft ? "SHIPPED" : "CANCELLED"]);
      expect(page.shipments[0].status).toBe(hasLeft ? "SHIPPED" : "CANCELLED");
    }
    await untilAgreed();
  });

  test("delivered while no event goes through: no caller can cancel, then or once the event comes", async () => {
    const [one] = await plentyOf(guest, 1);
    const placed = await scheduled(one?.sku ?? "");
    await open.shop.kill("nats", "SIGSTOP");
    const idempotencyKey = key();
    let refused: Answer<DataOf<"order-cancel">>;
    try {
      expect(await send(placed, "DELIVERED")).toEqual([]);
      refused = await cancel(placed, idempotencyKey);
    } finally {
      await open.shop.kill("nats", "SIGCONT");
    }
    expect(refused).toMatchObject({
      data: null,
      errors: [{ path: ["orderCancel"], extensions: { code: "SERVICE_UNAVAILABLE" } }],
    });
    // The race that matters: order may handle the parcel's event before or after the command comes again.
    let answer = await cancel(placed, idempotencyKey);
    for (let tries = 0; answer.errors && tries < 20; tries++) answer = await cancel(placed, idempotencyKey);
    expect(codesOf(answer)).toEqual(["ORDER_NOT_CANCELLABLE"]);
    const page = await untilOrder(guest, placed.orderId, placed.token, ["DELIVERED"]);
    expect(page.payment.status).toBe("CAPTURED");
    await untilAgreed();
  });
});
