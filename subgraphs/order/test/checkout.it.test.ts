import { customer, guest, staff } from "@shop/testkit";
import { newId } from "@shop/values";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { address, codes, openShop, quoteOf, sealed, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());
afterEach(() => {
  shop.quote = async (asked) => quoteOf(asked);
});

describe("checkout", () => {
  test("a guest's cart becomes an order, published with all that the other services need", async () => {
    const input = shop.checkoutInput();
    const { order, orderToken, userErrors, problems } = await shop.checkout(input);
    expect({ userErrors, problems }).toEqual({ userErrors: [], problems: [] });
    expect(order).toMatchObject({ status: "CREATED", total: { amount: "12.00", currency: "USD" } });
    expect(order.number).toMatch(/^[2-9A-Z]{8}$/);
    expect(order.payment.id).toBe(order.id.replace("ord_", "pay_"));
    expect(order.timeline).toMatchObject([{ type: "ORDER_INITIATED", status: "CREATED" }]);
    expect(orderToken).toMatch(/^k1\./);
    const event = await shop.service.waitForEvent("OrderInitiated", ({ sagaId }) => sagaId === order.id);
    expect(event.data).toMatchObject({ paymentToken: sealed, lines: [{ sku: "MUG" }] });
    expect(event.data.address, "of the address as well").toEqual({ country: "DE" });
    expect(Object.keys(event.data).sort(), "and no more").toEqual([
      ...["address", "lines", "orderId", "paymentToken", "totals"],
    ]);
  });

  test.each([
    ["more than the provider takes at once", 100_000_000, "USD", "AMOUNT_NOT_PAYABLE"],
    ["less than the provider takes", 49, "USD", "AMOUNT_NOT_PAYABLE"],
    ["nothing", 0, "EUR", "AMOUNT_NOT_PAYABLE"],
    ["a fraction that the provider can't express", 12_345_671, "KWD", "AMOUNT_NOT_PAYABLE"],
    ["a currency that nothing can be paid in", 5_000, "IRR", "CURRENCY_NOT_SUPPORTED"],
  ])("a total of %s is refused before anything is held", async (_, amount, currency, code) => {
    const zero = { amount: 0, currency };
    const total = { amount, currency };
    shop.quote = async (asked) =>
      quoteOf(asked, {
        currency,
        totals: { subtotal: total, discount: zero, shipping: zero, tax: zero, total },
      });
    for (const paymentMethod of [{ token: "pm_card_visa" }, null]) {
      const input = shop.checkoutInput({ paymentMethod });
      const { order, userErrors } = await shop.checkout(input);
      expect(order).toBeNull();
      expect(userErrors).toEqual([{ code, message: expect.any(String), field: ["input", "cartId"] }]);
      expect(await shop.ordersOf(input)).toBe(0);
      const initiated = shop.service.events("OrderInitiated").map(({ data }) => data.totals.total);
      expect(initiated).not.toContainEqual(total);
    }
  });

  test("the same key twice, at once and later, gives one order and the same token", async () => {
    const input = shop.checkoutInput();
    const answers = await Promise.all(Array.from({ length: 8 }, () => shop.checkout(input)));
    answers.push(await shop.checkout(input));
    expect(new Set(answers.map(({ order }) => order.id)).size).toBe(1);
    expect(new Set(answers.map(({ orderToken }) => orderToken)).size).toBe(1);
    expect(await shop.ordersOf(input)).toBe(1);
  });

  test("a replay is answered though the cart is empty or away by now, its fields read fresh", async () => {
    const input = shop.checkoutInput();
    const first = await shop.checkout(input);
    await shop.cancel({ orderId: first.order.id, token: first.orderToken });
    shop.quote = async () => ({ outcome: "refused", code: "CART_EMPTY", message: "empty" });
    const again = await shop.checkout(input);
    expect(again.order).toMatchObject({ id: first.order.id, status: "CANCELLED" });
    shop.quote = () => Promise.reject(new Error("away"));
    expect((await shop.checkout(input)).order.id).toBe(first.order.id);
  });

  test("the same key with another body is refused", async () => {
    const input = shop.checkoutInput();
    await shop.checkout(input);
    expect(codes(await shop.checkout({ ...input, email: "eve@shop.test" }))).toEqual([
      "IDEMPOTENCY_KEY_REUSED",
    ]);
  });

  test("an order that came to nothing leaves its cart version free", async () => {
    const input = shop.checkoutInput();
    const { order, orderToken } = await shop.checkout(input);
    await shop.cancel({ orderId: order.id, token: orderToken });
    const next = await shop.checkout({ ...input, idempotencyKey: newId("key") });
    expect(next.userErrors).toEqual([]);
    expect(next.order.id).not.toBe(order.id);
  });

  test("a total that is no longer what was seen stops it, nothing is written, the key stays free", async () => {
    const input = shop.checkoutInput({ expectedTotal: { amount: "11.99", currency: "USD" } });
    const { order, problems } = await shop.checkout(input);
    expect(order).toBeNull();
    expect(problems).toEqual([
      { __typename: "TotalChanged", was: { amount: "11.99" }, now: { amount: "12.00", currency: "USD" } },
    ]);
    expect(await shop.ordersOf(input)).toBe(0);
    const right = { ...input, expectedTotal: { amount: "12.00", currency: "USD" } };
    expect((await shop.checkout(right)).order.status).toBe("CREATED");
  });

  test("what is in the way comes as data, line by line", async () => {
    shop.quote = async () => ({
      outcome: "problems",
      notEnoughStock: [{ lineId: "line_1", sku: "MUG", requested: 2, available: 1 }],
      notForSale: [{ lineId: "line_2", sku: "CUP" }],
    });
    const { problems } = await shop.checkout();
    expect(problems).toEqual([
      { __typename: "NotEnoughStock", lineId: "line_1", requested: 2, available: 1 },
      { __typename: "NotForSale", lineId: "line_2" },
    ]);
    shop.quote = async () => ({ outcome: "refused", code: "STALE_VERSION", message: "it has moved on" });
    expect(codes(await shop.checkout())).toEqual(["STALE_VERSION"]);
  });

  test("while the cart doesn't answer, checkout is unavailable, and works under the same key later", async () => {
    const input = shop.checkoutInput();
    shop.quote = () => Promise.reject(new Error("away"));
    await expect(shop.checkout(input)).rejects.toThrow("SERVICE_UNAVAILABLE");
    shop.quote = async (asked) => quoteOf(asked);
    expect((await shop.checkout(input)).order.status).toBe("CREATED");
  });

  test.each([
    ["no e-mail", { email: null }, "email"],
    ["a wrong e-mail", { email: "ada" }, "email"],
    ["no address", { shippingAddress: null }, "shippingAddress"],
    ["somebody's address book", { addressId: "adr_mine" }, "addressId"],
    ["a card's number", { paymentMethod: { token: "4242424242424242" } }, "paymentMethod"],
    ["too many decimals", { expectedTotal: { amount: "1.001", currency: "USD" } }, "expectedTotal"],
    ["an empty key", { idempotencyKey: "" }, "idempotencyKey"],
    ["a NUL", { shippingOptionId: "a\0b" }, "shippingOptionId"],
    ["a NUL in the address", { shippingAddress: { ...address, city: "Ber\0lin" } }, "shippingAddress"],
    ["a negative version", { cartVersion: -1 }, "cartVersion"],
  ])("%s from a guest is refused as INVALID_INPUT", async (_, more, field) => {
    const answer = await shop.checkout(shop.checkoutInput(more));
    expect(answer.order).toBeNull();
    expect(codes(answer)).toContain("INVALID_INPUT");
    expect(answer.userErrors.map((error: { field: string[] }) => error.field.slice(0, 2))).toContainEqual([
      "input",
      field,
    ]);
  });

  test("a customer's e-mail and address come from the account", async () => {
    const input = shop.checkoutInput({ email: null, shippingAddress: null, addressId: "adr_mine" });
    const { order, orderToken } = await shop.checkout(input, customer("usr_book"));
    expect(order.email).toBe("customer@shop.test");
    expect(orderToken).toBeNull();
    const other = { ...input, addressId: "adr_other", idempotencyKey: newId("key") };
    expect(codes(await shop.checkout(other, customer("usr_book")))).toEqual(["NOT_FOUND"]);
  });
});

describe("who may see an order", () => {
  test("a guest's order needs its token, and reads as if it weren't there without", async () => {
    const { order, orderToken } = await shop.checkout();
    expect(await shop.read(order.id)).toBeNull();
    expect(await shop.read(order.id, `${orderToken}x`)).toBeNull();
    const other = await shop.checkout();
    expect(await shop.read(order.id, other.orderToken)).toBeNull();
    expect(await shop.read(order.id, null, customer("usr_eve"))).toBeNull();
    expect((await shop.read(order.id, orderToken)).id).toBe(order.id);
    expect((await shop.read(order.id, null, staff)).id).toBe(order.id);
    expect(codes(await shop.pay({ orderId: order.id, token: "k1.no" }))).toEqual(["NOT_FOUND"]);
    for (const id of ["", "ord_\0", "nobody"]) expect(await shop.read(id, orderToken)).toBeNull();
    expect(codes(await shop.cancel({ orderId: order.id }))).toEqual(["NOT_FOUND"]);
  });

  test("a customer's order is that customer's alone", async () => {
    const [ann, eve] = [customer("usr_ann"), customer("usr_eve")];
    const { order } = await shop.checkout(shop.checkoutInput(), ann);
    expect((await shop.read(order.id, null, ann)).id).toBe(order.id);
    expect(await shop.read(order.id, null, eve)).toBeNull();
    expect(await shop.read(order.id, null, guest)).toBeNull();
    expect(codes(await shop.cancel({ orderId: order.id }, eve))).toEqual(["NOT_FOUND"]);
    expect(codes(await shop.pay({ orderId: order.id }, eve))).toEqual(["NOT_FOUND"]);
  });

  test("the list of all orders is for staff", async () => {
    const list = `{ orders { totalCount } }`;
    const errors = async (who: typeof guest) =>
      (await shop.service.graphql(list, {}, who)).errors?.[0]?.extensions?.["code"];
    expect(await errors(guest)).toBe("UNAUTHENTICATED");
    expect(await errors(customer())).toBe("FORBIDDEN");
    expect(await errors(staff)).toBeUndefined();
  });

  test("another's orders read as if they weren't there", async () => {
    const query = `query ($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) {
      ... on User { orders { totalCount nodes { id } } } } }`;
    await shop.checkout(shop.checkoutInput(), customer("usr_list"));
    const read = async (who: typeof guest) =>
      (await shop.service.graphql(query, { id: "usr_list" }, who)).data?.["_entities"][0].orders;
    expect(await read(customer("usr_eve"))).toBeNull();
    expect((await read(customer("usr_list"))).totalCount).toBe(1);
    expect((await read(staff)).nodes).toHaveLength(1);
  });
});

describe("lists", () => {
  test("pages go newest first, each order once, and are found by number, e-mail, name and status", async () => {
    const ann = customer("usr_pages");
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const input = shop.checkoutInput({ email: `pages${n}@shop.test` });
      ids.push((await shop.checkout(input, ann)).order.id);
    }
    const page = async (after: string | null) =>
      (
        await shop.service.graphql(
          `query ($after: String) { me { orders(first: 2, after: $after) {
            totalCount nodes { id number timeline { type } } pageInfo { hasNextPage endCursor } } } }`,
          { after },
          ann,
        )
      ).data?.["me"].orders;
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { nodes, pageInfo, totalCount } = await page(after);
      expect(totalCount).toBe(5);
      seen.push(...nodes.map(({ id }: { id: string }) => id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen).toEqual(ids.toReversed());

    const find = async (variables: object) =>
      (
        await shop.service.graphql(
          `query ($query: String, $status: OrderStatus) { orders(query: $query, status: $status) { nodes { id number } } }`,
          { ...variables },
          staff,
        )
      ).data?.["orders"].nodes;
    expect(await find({ query: "Pages3@shop" })).toMatchObject([{ id: ids[3] }]);
    const [{ number }] = await find({ query: "pages4@" });
    expect(await find({ query: number.toLowerCase() })).toMatchObject([{ id: ids[4] }]);
    expect((await find({ query: "ada love" })).length).toBeGreaterThanOrEqual(5);
    expect(await find({ query: "100%_" })).toEqual([]);
    expect(await find({ query: "a\0b" })).toEqual([]);
    expect(await find({ status: "DELIVERED" })).toEqual([]);
  });

  test.each([{ first: 0 }, { first: 101 }, { after: "forged" }, { after: "WyJvcmRfXHUwMDAwIl0" }])(
    "the page %j is refused",
    async (variables) => {
      const query = `query ($first: Int, $after: String) { orders(first: $first, after: $after) { totalCount } }`;
      const answer = await shop.service.graphql(query, variables, staff);
      expect(answer.errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    },
  );

  test("many orders by reference are read in one statement each for orders and timelines", async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, () => shop.checkout()));
    const { sql } = shop.service.kit.pg;
    const statements: string[] = [];
    const counted = sql.options as { debug?: unknown };
    counted.debug = (_: number, text: string) => void statements.push(text);
    const answer = await shop.service.graphql(
      `query ($reps: [_Any!]!) { _entities(representations: $reps) {
        ... on Order { id number timeline { type } shipments { id } payment { id } } } }`,
      { reps: orders.map(({ order }) => ({ __typename: "Order", id: order.id })) },
      staff,
    );
    delete counted.debug;
    expect(answer.data?.["_entities"]).toHaveLength(20);
    const reads = statements.filter((text) => /from order_events where|from orders where id/.test(text));
    expect(reads).toHaveLength(2);
  });
});
