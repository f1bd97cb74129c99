import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cataloguedSubscriptions, subscriptionsOf } from "../src/event-subscriptions.ts";
import { untilInvariantsHold } from "../src/check-invariants.ts";
import { consumersOf } from "../src/invariants/check-events.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { isEvent, typesOf, wholeLife } from "../src/order-feed.ts";
import { address, key, logIn, readyCart, untilOrder } from "../src/shopping.ts";

describe.each([
  { grouping: "in as few processes as sensible", isSplit: false },
  { grouping: "each service in a process of its own", isSplit: true },
])("the shop walks, $grouping", ({ isSplit }) => {
  let open: OpenShop;
  beforeAll(async () => {
    open = await openShop({ isSplit });
  });
  afterAll(() => open.close());

  test("a guest searches, fills a cart, pays, and watches the parcel leave", async () => {
    const { guest } = open;
    const { search } = await guest.get("search-page", { query: "headphones", first: 5 });
    expect(search.totalCount).toBeGreaterThan(0);
    const [hit] = search.edges;
    const { product } = await guest.get("product-page", { slug: hit.node.slug });
    expect(product.title).toMatch(/Headphones/);
    const variant = product.variants.find(({ availability }) => availability.quantity > 5);
    expect(variant?.price.amount).toMatch(/^\d+\.\d\d$/);
    const { search: lamps } = await guest.get("search-page", {
      query: "floor lamp",
      first: 5,
      filters: { inStock: true },
    });
    const { product: lamp } = await guest.get("product-page", { slug: lamps.edges[0].node.slug });

    const cartCreate = await guest.carryOut("cart-create", { input: { idempotencyKey: key() } });
    const cartId = cartCreate.cart.id;
    await guest.get("cart-lines-add", { cartId, lines: [{ sku: variant?.sku ?? "", quantity: 2 }] });
    const { cartLinesAdd } = await guest.get("cart-lines-add", {
      cartId,
      lines: [{ sku: lamp.variants[0].sku, quantity: 1 }],
    });
    expect(cartLinesAdd.userErrors).toEqual([]);
    expect(cartLinesAdd.cart).toMatchObject({ version: 3, itemCount: 3 });
    const { cart } = await guest.get("cart-page", { id: cartId, address });
    expect(cart.problems).toEqual([]);
    const slugs = cart.lines.map(({ variant }) => variant.product.slug);
    expect(new Set(slugs)).toEqual(new Set([product.slug, lamp.slug]));
    const shippingOptionId = cart.shippingOptions[0].id;
    const { cart: priced } = await guest.get("cart-quote", { id: cartId, shippingOptionId, address });
    expect(Number(priced.quote.total.amount)).toBeGreaterThan(Number(cart.subtotal.amount));

    const checkout = await guest.carryOut("checkout", {
      input: {
        cartId,
        cartVersion: cart.version,
        email: "ada@shop.test",
        shippingAddress: address,
        shippingOptionId,
        paymentMethod: { token: "pm_card_visa" },
        expectedTotal: priced.quote.total,
        idempotencyKey: key(),
      },
    });
    expect(checkout).toMatchObject({ problems: [], userErrors: [], order: { total: priced.quote.total } });
    const { order, orderToken: token } = checkout;
    const feed = guest.subscribe("order-updated", { orderId: order.id, token });
    await feed.until(isEvent("SHIPMENT_SCHEDULED"));
    feed.stop();
    expect(typesOf(feed)).toEqual(wholeLife);
    expect(feed.pushes.every((push) => push.errors === undefined)).toBe(true);
    const last = feed.pushes.at(-1)?.data.orderUpdated.order;
    expect(last?.lines.map(({ variant }) => variant.product.title)).toContain(product.title);
    expect(last?.payment.status).toBe("CAPTURED");
    expect(last?.shipments[0].trackingNumber).toBeTruthy();

    const page = await untilOrder(guest, order.id, token, ["CONFIRMED"]);
    expect(page.timeline.map(({ type }) => type)).toEqual(wholeLife);
    const { cart: emptied } = await guest.get("cart-page", { id: cartId, address });
    expect(emptied.lines).toEqual([]);
  });

  test("a customer reads the order under me, cancels it, and is paid back", async () => {
    const { guest } = open;
    const customer = guest.as(await logIn(guest, "customer@shop.test"));
    const { search } = await guest.get("search-page", {
      query: "desk lamp",
      first: 3,
      filters: { inStock: true },
    });
    const { product } = await guest.get("product-page", { slug: search.edges[0].node.slug });
    const { email: _, ...input } = await readyCart(customer, [product.variants[0].sku]);
    const checkout = await customer.carryOut("checkout", { input: { ...input, idempotencyKey: key() } });
    expect(checkout.orderToken).toBeNull();
    await untilOrder(customer, checkout.order.id, null, ["CONFIRMED"]);
    const { me } = await customer.get("me-page");
    expect(JSON.stringify(me)).toContain(checkout.order.number);
    const { orderCancel } = await customer.get("order-cancel", {
      orderId: checkout.order.id,
      idempotencyKey: key(),
    });
    expect(orderCancel.userErrors).toEqual([]);
    const cancelled = await untilOrder(customer, checkout.order.id, null, ["CANCELLED"]);
    expect(cancelled.shipments.every(({ status }) => ["SCHEDULED", "CANCELLED"].includes(status))).toBe(true);
    const feed = customer.subscribe("order-updated", { orderId: checkout.order.id });
    await feed.until(isEvent("PAYMENT_REFUNDED"));
    await feed.until(isEvent("INVENTORY_RELEASED"));
    feed.stop();
  });

  test("staff send the parcels and the order is delivered", async () => {
    const { guest } = open;
    const staff = guest.as(await logIn(guest, "staff@shop.test"));
    const { search } = await guest.get("search-page", {
      query: "puzzle",
      first: 3,
      filters: { inStock: true },
    });
    const { product } = await guest.get("product-page", { slug: search.edges[0].node.slug });
    const checkout = await guest.carryOut("checkout", {
      input: { ...(await readyCart(guest, [product.variants[0].sku])), idempotencyKey: key() },
    });
    const { order, orderToken: token } = checkout;
    const feed = guest.subscribe("order-updated", { orderId: order.id, token });
    const scheduled = await feed.until(isEvent("SHIPMENT_SCHEDULED"));
    for (const { id } of scheduled.data.orderUpdated.order.shipments) {
      for (const status of ["SHIPPED", "DELIVERED"] as const) {
        const { shipmentAdvance } = await staff.get("shipment-advance", {
          shipmentId: id,
          status,
          idempotencyKey: key(),
        });
        expect(shipmentAdvance.userErrors).toEqual([]);
      }
    }
    await untilOrder(guest, order.id, token, ["DELIVERED"]);
    feed.stop();
  });

  test("a declined card may be paid again, with the customer's bank asking first", async () => {
    const { guest, shop } = open;
    const { search } = await guest.get("search-page", {
      query: "kettle",
      first: 3,
      filters: { inStock: true },
    });
    const { product } = await guest.get("product-page", { slug: search.edges[0].node.slug });
    const input = {
      ...(await readyCart(guest, [product.variants[0].sku])),
      paymentMethod: { token: "pm_card_chargeDeclined" },
    };
    const checkout = await guest.carryOut("checkout", { input: { ...input, idempotencyKey: key() } });
    const { order, orderToken: token } = checkout;
    const feed = guest.subscribe("order-updated", { orderId: order.id, token });
    await feed.until(isEvent("PAYMENT_FAILED"));
    const pay = (card: string) =>
      guest.get("order-pay", {
        orderId: order.id,
        token,
        paymentMethod: { token: card },
        idempotencyKey: key(),
      });
    const { orderPay: declined } = await pay("pm_card_chargeDeclined");
    expect(declined.userErrors).toMatchObject([{ code: "PAYMENT_DECLINED" }]);
    await pay("pm_card_authenticationRequired");
    const asked = await feed.until(isEvent("PAYMENT_ACTION_REQUIRED"));
    const page = await untilOrder(guest, order.id, token, ["AWAITING_PAYMENT"]);
    const secret = page.payment.clientSecret;
    expect(secret).toBeTruthy();
    expect(asked.errors).toBeUndefined();
    const { stripe } = await shop.status();
    const answer = await fetch(`${stripe?.url}/v1/test/payment_intents/${secret}/authenticate`, {
      method: "POST",
      headers: { authorization: "Bearer sk_test_story", "content-type": "application/x-www-form-urlencoded" },
      body: "outcome=succeed",
    });
    expect(answer.status).toBe(200);
    await untilOrder(guest, order.id, token, ["CONFIRMED"]);
    feed.stop();
  });

  test("each service subscribes to what the catalogue of events says", async () => {
    const registered = subscriptionsOf(await consumersOf(await open.shop.status()));
    const catalogued = await cataloguedSubscriptions();
    expect(registered?.toSorted() ?? catalogued).toEqual(catalogued.toSorted());
  });

  test("every invariant holds afterwards", async () => {
    expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);
  });
});
