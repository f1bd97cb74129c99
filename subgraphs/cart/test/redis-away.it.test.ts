import { customer, eventually, guest, testStores } from "@shop/testkit";
import { expect, it } from "vitest";
import { orderConfirmed, productOf, sell, shopper, startCart } from "./fixtures.ts";

it("serves customers while Redis is away, and does for guests afterwards what was left to do", async () => {
  await using stores = await testStores();
  const { service, stop } = await startCart(stores);
  await using running = new AsyncDisposableStack();
  running.defer(stop);
  await sell(service, productOf("mug"));
  const [ada, someone] = [shopper(service, customer("usr_ada")), shopper(service, guest)];
  const lines = [{ sku: "mug", quantity: 2 }];
  const mine = (await ada.create({ lines })).cart;
  const theirs = (await someone.create({ lines })).cart;

  await stores.redis.stop();
  await expect(someone.read(theirs.id)).rejects.toThrow(/SERVICE_UNAVAILABLE/);
  await expect(someone.add(theirs.id, lines)).rejects.toThrow(/SERVICE_UNAVAILABLE/);
  expect((await ada.add(mine.id, lines)).cart.itemCount).toBe(4);
  await service.publish(orderConfirmed(theirs));
  await service.publish(orderConfirmed(mine));
  await eventually(async () => (await ada.read(mine.id)).itemCount === 2);

  const redis = await stores.redis.startAgain();
  running.defer(() => redis.stop());
  await eventually(
    async () => (await someone.read(theirs.id)).itemCount === 0,
    "the guest cart kept its lines",
    40_000,
  );
});
