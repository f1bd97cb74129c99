import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Document, OperationName } from "../src/answer.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { documentOf, type Shopper } from "../src/shopper.ts";
import { address, key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";
import { strangeRequests, strangeTexts } from "./strange-requests.ts";

describe("a hostile visitor", () => {
  let open: OpenShop;
  let guest: Shopper;
  let customer: Shopper;
  let staff: Shopper;
  let token: string;
  let skus: string[];
  beforeAll(async () => {
    open = await openShop();
    ({ guest } = open);
    token = await logIn(guest, "customer@shop.test");
    customer = guest.as(token);
    staff = guest.as(await logIn(guest, "staff@shop.test"));
    skus = (await plentyOf(guest, 2)).map(({ sku }) => sku);
  });
  afterAll(() => open.close());

  /** Sends a body as it is; the status and code of the answer. */
  const post = async (body: string | Buffer, headers: Record<string, string> = {}) => {
    const response = await fetch(open.shop.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : new Uint8Array(body),
    });
    const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    return [response.status, errors?.[0]?.extensions.code];
  };
  const me = JSON.stringify({ query: "{ me { id } }" });

  test("has no identity, whatever they write into a token", async () => {
    const [head = "", claims = "", signature = ""] = token.split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    const read = JSON.parse(Buffer.from(claims, "base64url").toString()) as object;
    const raised = Buffer.from(JSON.stringify({ ...read, roles: ["STAFF", "ADMIN"] })).toString("base64url");
    for (const forged of [
      `${none}.${claims}.`,
      `${none}.${claims}.${signature}`,
      `${head}.${raised}.${signature}`,
      "a.b.c",
      "",
    ]) {
      expect(await post(me, { authorization: `Bearer ${forged}` })).toEqual([401, "UNAUTHENTICATED"]);
    }
  });

  test("reaches no subgraph but through the gateway", async () => {
    const { services } = await open.shop.status();
    const forged = { aud: "order", exp: 9_999_999_999, kind: "user", userId: "usr_x", roles: ["STAFF"] };
    const identity = `${Buffer.from(JSON.stringify(forged)).toString("base64url")}.AAAA`;
    const urls = [...new Set(JSON.stringify(services).match(/http:\/\/127\.0\.0\.1:\d+/g))];
    expect(urls.length).toBeGreaterThanOrEqual(8);
    for (const url of urls) {
      const headers = { "content-type": "application/json", "x-shop-identity": identity };
      const body = JSON.stringify({ query: "{ __typename }" });
      expect([url, (await fetch(`${url}/graphql`, { method: "POST", headers, body })).status]).toEqual([
        url,
        401,
      ]);
    }
  });

  test("forges no payment: a webhook without Stripe's signature is refused", async () => {
    const url = new URL("/webhooks/stripe", open.shop.url);
    for (const signature of ["", "t=1,v1=abc", `t=${Math.floor(Date.now() / 1000)},v1=${"a".repeat(64)}`]) {
      const headers = { "stripe-signature": signature };
      const body = JSON.stringify({ type: "payment_intent.succeeded", data: { object: { id: "pi_1" } } });
      expect((await fetch(url, { method: "POST", headers, body })).status).toBe(400);
    }
  });

  test("gets a coded 400 for a request that is none", async () => {
    const nested = (times: number) => `${"[".repeat(times)}${"]".repeat(times)}`;
    for (const body of ["", "{", "null", "[]", `[${me}]`, '{"query":1}', Buffer.from([0x7b, 0xff, 0x7d])])
      expect([String(body), ...(await post(body))]).toEqual([String(body), 400, "BAD_REQUEST"]);
    expect(await post(me, { "content-type": "text/plain" })).toEqual([400, "BAD_REQUEST"]);
    const hash = { persistedQuery: { version: 1, sha256Hash: "abc" } };
    expect(await post(JSON.stringify({ query: "{ me { id } }", extensions: hash }))).toEqual([
      400,
      "BAD_REQUEST",
    ]);
    expect(await post(`{"query":"{ me { id } }","variables":{"x":${nested(20_000)}}}`)).toEqual([
      400,
      "BAD_USER_INPUT",
    ]);
    const long = JSON.stringify({ query: "{ me { id } }", variables: { x: "y".repeat(300_000) } });
    expect(await post(long)).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    const lines = Array.from({ length: 10_000 }, () => ({}));
    const many = await guest.send(documentOf("cart-lines-add"), { cartId: "x", lines });
    expect(many.errors?.length).toBeLessThan(20);
  });

  test("asks too much at once in vain", async () => {
    const code = async (query: Document) => (await guest.send(query)).errors?.[0]?.extensions?.["code"];
    const nested = (field: string, times: number) =>
      `${`${field} { `.repeat(times)} id ${"} ".repeat(times)}`;
    const aliases = (one: string) => Array.from({ length: 29 }, (_, at) => `a${at}: ${one}`).join(" ");
    expect(await code(`{ categories { ${nested("children", 20)} } }`)).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(await code(`{ ${aliases("me { id }")} ${aliases("me { id }").replaceAll("a", "b")} }`)).toBe(
      "GRAPHQL_VALIDATION_FAILED",
    );
    expect(await code(`{ ${aliases("search(first: 100) { nodes { variants { id } } }")} }`)).toBe(
      "QUERY_TOO_COSTLY",
    );
    expect(await code("{ search(first: 100000) { totalCount } }")).toBe("QUERY_TOO_COSTLY");
    expect(await code("{ search(first: 101) { totalCount } }")).toBe("BAD_USER_INPUT");
    expect(await code("{ search(first: -1) { totalCount } }")).toBe("BAD_USER_INPUT");
    expect(await code("subscription { myOrdersUpdated { cursor } }")).toBe("BAD_REQUEST");
  });

  test("writes into every argument what it can't be, and never makes a fault of it", async () => {
    const input = await readyCart(guest, [skus[0] ?? ""]);
    const { cartId } = input;
    const requests = strangeRequests({ guest, customer, staff }, input);
    for (const [who, document, variablesOf] of requests) {
      for (const value of strangeTexts) {
        const { errors = [] } = await who.send(document, variablesOf(value));
        const codes = errors.map(({ extensions }) => extensions?.["code"]);
        const unfit = codes.filter(
          (code) => !/^(BAD_USER_INPUT|CURRENCY_NOT_SUPPORTED|SHIPPING_UNAVAILABLE)$/.test(String(code)),
        );
        expect({ document, value: value.slice(0, 40), unfit }).toEqual({
          document,
          value: value.slice(0, 40),
          unfit: [],
        });
      }
    }
    expect(await untilStill(cartId)).toBe(1);
  });

  /** How many units the cart has: refused requests have not changed it. */
  const untilStill = async (id: string) =>
    (await guest.get("query ($id: ID!) { cart(id: $id) { itemCount } }", { id })).cart.itemCount;

  test("can't have a quantity, a total or a version that isn't so", async () => {
    const input = await readyCart(guest, skus);
    const add = async (quantity: number) =>
      (await guest.get("cart-lines-add", { cartId: input.cartId, lines: [{ sku: skus[0] ?? "", quantity }] }))
        .cartLinesAdd.userErrors[0]?.code;
    expect([await add(0), await add(-1), await add(1_000_000_000)]).toEqual([
      "INVALID_INPUT",
      "INVALID_INPUT",
      "QUANTITY_LIMIT",
    ]);
    const tried = async (more: object) =>
      (await guest.get("checkout", { input: { ...input, idempotencyKey: key(), ...more } })).checkout;
    expect(await tried({ cartVersion: 0 })).toMatchObject({
      order: null,
      userErrors: [{ code: "STALE_VERSION" }],
    });
    expect(await tried({ expectedTotal: { amount: "1", currency: "EUR" } })).toMatchObject({
      order: null,
      problems: [{ __typename: "TotalChanged" }],
    });
    expect(await tried({ shippingAddress: { ...address, country: "AQ" } })).toMatchObject({
      order: null,
      userErrors: [{ code: "SHIPPING_UNAVAILABLE" }],
    });
    expect(await tried({ shippingAddress: { ...address, city: " " } })).toMatchObject({
      order: null,
      userErrors: [{ code: "INVALID_INPUT", field: ["input", "shippingAddress", "city"] }],
    });
    expect(await tried({ paymentMethod: { token: "4242424242424242" } })).toMatchObject({
      order: null,
      userErrors: [{ code: "INVALID_INPUT", field: ["input", "paymentMethod", "token"] }],
    });
  });

  test("can neither pay nor cancel what is over", async () => {
    const { paymentMethod: _, ...unpaid } = await readyCart(guest, [skus[0] ?? ""]);
    const checkout = await guest.carryOut("checkout", { input: { ...unpaid, idempotencyKey: key() } });
    const mine = { orderId: checkout.order.id, token: checkout.orderToken };
    await untilOrder(guest, mine.orderId, mine.token, ["AWAITING_PAYMENT"]);
    const pay = async (method: string) =>
      (await guest.get("order-pay", { ...mine, paymentMethod: { token: method }, idempotencyKey: key() }))
        .orderPay;
    expect((await pay("pm_card_unheard_of")).userErrors).toMatchObject([{ code: "PAYMENT_DECLINED" }]);
    const cancel = async () =>
      (await guest.get("order-cancel", { ...mine, idempotencyKey: key() })).orderCancel;
    expect(await cancel()).toMatchObject({ order: { status: "CANCELLED" }, userErrors: [] });
    expect((await cancel()).userErrors).toMatchObject([{ code: "ORDER_NOT_CANCELLABLE" }]);
    expect((await pay("pm_card_visa")).userErrors).toMatchObject([{ code: "ORDER_NOT_PAYABLE" }]);
  });

  test("is answered at once where they may not listen, and the socket stays open for others", async () => {
    const checkout = await customer.carryOut("checkout", {
      input: { ...(await readyCart(customer, [skus[0] ?? ""])), idempotencyKey: key() },
    });
    const orderId = checkout.order.id;
    const forged = Buffer.from(JSON.stringify(["order", orderId, 1_000])).toString("base64url");
    const feeds: [Shopper, OperationName, object, string][] = [
      [guest, "order-updated", { orderId }, "NOT_FOUND"],
      [guest, "order-updated", { orderId, token: "k1.forged" }, "NOT_FOUND"],
      [guest, "order-updated", { orderId: "ord_unheard_of" }, "NOT_FOUND"],
      [customer, "order-updated", { orderId, after: forged }, "BAD_USER_INPUT"],
      [guest, "my-orders-updated", {}, "UNAUTHENTICATED"],
    ];
    for (const [who, document, variables, code] of feeds) {
      const feed = who.subscribe(documentOf(document), variables);
      await expect(feed.until(() => false)).rejects.toThrow("the subscription failed");
      expect(feed.failure()).toMatchObject([{ extensions: { code } }]);
      expect([document, feed.pushes]).toEqual([document, []]);
    }
    const conditional = "subscription ($no: Boolean!) { myOrdersUpdated @skip(if: $no) { cursor } }";
    const refused = customer.subscribe(conditional, { no: true });
    await expect(refused.until(() => false)).rejects.toThrow("the subscription failed");
    expect(JSON.stringify(refused.failure())).toContain("GRAPHQL_VALIDATION_FAILED");
  });
});
