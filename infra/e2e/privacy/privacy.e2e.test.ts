import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Document } from "../src/answer.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import type { Shopper } from "../src/shopper.ts";
import { address, key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";

describe("what is mine is mine", () => {
  let open: OpenShop;
  let guest: Shopper;
  let mine: Shopper;
  let other: Shopper;
  let staff: Shopper;
  beforeAll(async () => {
    open = await openShop();
    ({ guest } = open);
    mine = guest.as(await logIn(guest, "customer@shop.test"));
    other = guest.as(await logIn(guest, "second@shop.test"));
    staff = guest.as(await logIn(guest, "staff@shop.test"));
  });
  afterAll(() => open.close());

  test("no other caller reads, changes or follows a customer's cart and order", async () => {
    const [one] = await plentyOf(guest, 1);
    const sku = one?.sku ?? "";
    const input = await readyCart(mine, [sku]);
    for (const stranger of [other, guest]) {
      expect((await stranger.get("cart-page", { id: input.cartId, address })).cart).toBeNull();
      const { cartLinesAdd } = await stranger.get("cart-lines-add", {
        cartId: input.cartId,
        lines: [{ sku, quantity: 1 }],
      });
      expect(cartLinesAdd).toMatchObject({ cart: null, userErrors: [{ code: "NOT_FOUND" }] });
      const stolen = await stranger.get("checkout", { input: { ...input, idempotencyKey: key() } });
      expect(stolen.checkout).toMatchObject({ order: null, userErrors: [{ code: "NOT_FOUND" }] });
    }
    const checkout = await mine.carryOut("checkout", { input: { ...input, idempotencyKey: key() } });
    const orderId = checkout.order.id;
    for (const stranger of [other, guest]) {
      expect((await stranger.get("order-page", { id: orderId })).order).toBeNull();
      const { orderCancel } = await stranger.get("order-cancel", { orderId, idempotencyKey: key() });
      expect(orderCancel).toMatchObject({ order: null, userErrors: [{ code: "NOT_FOUND" }] });
      const pay = { orderId, paymentMethod: { token: "pm_card_visa" }, idempotencyKey: key() };
      expect((await stranger.get("order-pay", pay)).orderPay).toMatchObject({
        order: null,
        userErrors: [{ code: "NOT_FOUND" }],
      });
      const feed = stranger.subscribe("order-updated", { orderId });
      await expect(feed.until((push) => Boolean(push.data?.orderUpdated))).rejects.toThrow();
      expect(feed.pushes.every((push) => !push.data?.orderUpdated)).toBe(true);
    }
    expect((await staff.get("order-page", { id: orderId })).order.id).toBe(orderId);
  });

  test("a guest's order is reached only with its token", async () => {
    const [one] = await plentyOf(guest, 1);
    const checkout = await guest.carryOut("checkout", {
      input: { ...(await readyCart(guest, [one?.sku ?? ""])), idempotencyKey: key() },
    });
    const { order, orderToken } = checkout;
    const forged = `${orderToken.slice(0, -2)}${orderToken.endsWith("AA") ? "BB" : "AA"}`;
    for (const token of [null, "", "x", forged]) {
      expect((await guest.get("order-page", { id: order.id, token })).order).toBeNull();
    }
    const own = (await guest.get("order-page", { id: order.id, token: orderToken })).order;
    expect(own.id).toBe(order.id);
    const paid = await untilOrder(guest, order.id, orderToken, ["CONFIRMED"]);
    expect(paid.payment.status).toBe("CAPTURED");
  });

  test("who knows a guest's cart, but not whose it is, learns nothing of the order that it became", async () => {
    const [one] = await plentyOf(guest, 1);
    const input = await readyCart(guest, [one?.sku ?? ""]);
    const checkout = await guest.carryOut("checkout", { input: { ...input, idempotencyKey: key() } });
    const nosy = { ...input, email: "eve@shop.test", idempotencyKey: key() };
    for (const stranger of [guest, other]) {
      const told = await stranger.get("checkout", { input: nosy });
      expect(told.checkout).toMatchObject({ order: null, orderToken: null });
      expect(told.checkout.userErrors).toHaveLength(1);
    }
    const own = await guest.get("checkout", { input: { ...input, idempotencyKey: key() } });
    expect(own.checkout).toMatchObject({
      order: { id: checkout.order.id },
      userErrors: [{ code: "CONFLICT" }],
    });
  });

  test("another's address can't be read, changed, removed or sent to", async () => {
    const { addressAdd } = await mine.get("address-add", { input: address });
    const id = addressAdd.address.id;
    const update = `mutation ($id: ID!, $input: AddressInput!) { addressUpdate(id: $id, input: $input) { address { id } userErrors { code } } }`;
    const remove = `mutation ($id: ID!) { addressRemove(id: $id) { removedId userErrors { code } } }`;
    expect((await other.get(update, { id, input: address })).addressUpdate).toEqual({
      address: null,
      userErrors: [{ code: "NOT_FOUND" }],
    });
    expect((await other.get(remove, { id })).addressRemove).toEqual({
      removedId: null,
      userErrors: [{ code: "NOT_FOUND" }],
    });
    const [one] = await plentyOf(guest, 1);
    const { shippingAddress: _, ...input } = await readyCart(other, [one?.sku ?? ""]);
    const stolen = await other.get("checkout", { input: { ...input, addressId: id, idempotencyKey: key() } });
    expect(stolen.checkout).toMatchObject({ order: null, userErrors: [{ code: "NOT_FOUND" }] });
  });

  test("an alias that is called like a key opens no other customer's cart, and changes no answer", async () => {
    const { me } = await mine.get(`{ me { id } }`);
    const [one] = await plentyOf(guest, 1);
    const sku = one?.sku ?? "";
    const { cartId: myCart } = await readyCart(mine, [sku]);
    // Called like the victim's key, whose cart would be read in place of the stranger's own.
    const stranger = { email: `${key()}@shop.test`, password: "a long enough secret", name: me.id as string };
    const { signUp } = await guest.get(
      `mutation ($input: SignUpInput!) { signUp(input: $input) { session { accessToken } userErrors { code } } }`,
      { input: stranger },
    );
    const theirs = await readyCart(guest.as(signUp.session.accessToken as string), [sku]);
    const steal = `mutation ($input: LogInInput!, $t: Boolean!) { logIn(input: $input) {
      session { user { id: name ... @include(if: $t) { cart { id lines { title } } } } } } }`;
    const { name: _, ...input } = stranger;
    const stolen = await guest.send(steal, { input, t: true });
    expect(stolen.errors).toBeUndefined();
    expect(stolen.data.logIn.session.user).toMatchObject({ id: me.id, cart: { id: theirs.cartId } });
    const shown = await mine.send(`query ($t: Boolean!) { me { id: name @include(if: $t) cart { id } } }`, {
      t: true,
    });
    expect(shown.errors).toBeUndefined();
    expect(shown.data.me.cart.id).toBe(myCart);

    const { variant } = await guest.get(
      `query ($sku: String!) { variant(sku: $sku) { id: sku title availability { quantity } } }`,
      { sku },
    );
    expect(variant).toMatchObject({ id: sku, availability: { quantity: expect.any(Number) as unknown } });
    const prices = async (fields: string) => {
      const query: Document = `query ($id: ID!, $address: AddressInput!) { cart(id: $id) { ${fields} shippingOptions(address: $address) { price { amount } } } }`;
      return (await mine.get(query, { id: myCart, address })).cart.shippingOptions as unknown;
    };
    const aliased = `weightGrams: itemCount subtotal: tax { amount: currency currency: amount }`;
    expect(await prices(aliased)).toEqual(await prices("itemCount"));
  });

  test("what is for staff refuses everyone else", async () => {
    const [one] = await plentyOf(guest, 1);
    const sku = one?.sku ?? "";
    const documents: Document[] = [
      `{ warehouses { code } }`,
      `{ orders { totalCount } }`,
      `mutation { stockAdjust(input: { sku: "${sku}", warehouseCode: "RNO", delta: 5, reason: "x", idempotencyKey: "${key()}" }) { userErrors { code } } }`,
      `mutation { productArchive(id: "prd_x") { userErrors { code } } }`,
      `mutation { variantPriceSet(sku: "${sku}", price: { amount: "0.01", currency: "USD" }) { userErrors { code } } }`,
      `mutation { shipmentAdvance(shipmentId: "shp_x", status: SHIPPED) { userErrors { code } } }`,
      `mutation { productsImport(input: { records: [] }) { userErrors { code } } }`,
    ];
    for (const document of documents) {
      for (const [who, code] of [
        [guest, "UNAUTHENTICATED"],
        [mine, "FORBIDDEN"],
      ] as const) {
        const { errors } = await who.send(document);
        expect([document, errors?.[0]?.extensions?.["code"]]).toEqual([document, code]);
      }
    }
    const levels = await mine.send(`{ variant(sku: "${sku}") { sku stockLevels { onHand } } }`);
    expect(levels.data.variant).toEqual({ sku, stockLevels: null });
  });
});
