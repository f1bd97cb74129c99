import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { slowReads } from "./shop/catalog.ts";
import { openShop, type TestShop } from "./shop/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());
beforeEach(() => {
  shop.catalog.bodies.length = 0;
});

describe("who is asking", () => {
  const whoAsks = "{ whoAsks { kind userId roles } }";

  test("a visitor without a token is passed on as a guest", async () => {
    expect((await shop.ask(whoAsks)).data).toEqual({ whoAsks: { kind: "guest", userId: null, roles: null } });
  });

  test("a customer's token is believed, and who they are is passed on signed", async () => {
    const token = await shop.token({ userId: "usr_7", roles: ["CUSTOMER", "ASTRONAUT"] });
    const { data } = await shop.ask(whoAsks, { token });
    expect(data).toEqual({ whoAsks: { kind: "user", userId: "usr_7", roles: ["CUSTOMER"] } });
  });

  test("an expired token is refused with a hint at refreshing the session", async () => {
    const answer = await shop.ask(whoAsks, { token: await shop.token({ expiresInS: -10 }) });
    expect(answer.status).toBe(401);
    expect(answer.errors?.[0]?.extensions).toEqual({ code: "UNAUTHENTICATED", reason: "TOKEN_EXPIRED" });
    expect(answer.errors?.[0]?.message).toContain("refreshSession");
  });

  test("a forged token is refused", async () => {
    const [header, , signature] = (await shop.token()).split(".");
    const claims = { sub: "usr_1", roles: ["ADMIN"], iss: "shop", aud: "shop-api", exp: 9e9 };
    const token = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
    const answer = await shop.ask(whoAsks, { token });
    expect(answer.status).toBe(401);
    expect(answer.errors?.[0]?.extensions["reason"]).toBe("TOKEN_INVALID");
  });

  test("a session can be renewed with the expired token still in the header", async () => {
    const token = await shop.token({ expiresInS: -10 });
    const answer = await shop.ask(`mutation { refreshSession(refreshToken: "r") { accessToken } }`, {
      token,
    });
    expect(answer.data).toEqual({ refreshSession: { accessToken: "…" } });
  });
});

describe("a subgraph that is away", () => {
  test("leaves a gap with a coded error, and the rest of the page stands", async () => {
    await using other = await openShop();
    await other.catalog.stop();
    const { data, errors, status } = await other.ask(
      `{ order(id: "ord_1") { id status product { id title } } methods }`,
    );
    expect(status).toBe(200);
    expect(data).toEqual({ order: { id: "ord_1", status: "CREATED", product: null }, methods: ["card"] });
    expect(errors).toEqual([
      {
        message: "The catalog service is not available right now.",
        path: ["order", "product"],
        extensions: { code: "SERVICE_UNAVAILABLE" },
      },
    ]);
    const two = await other.ask(`{ first: product(id: "prd_1") { id } products { id } methods }`);
    expect(two.data).toEqual({ first: null, products: null, methods: ["card"] });
    expect(two.errors?.map(({ path }) => path)).toEqual([["first"], ["products"]]);
    expect((await fetch(`${other.gateway.url}/readyz`)).status).toBe(503);
    const own = await other.ask(`{ id: order(id: "ord_1") { id: status status: product { id: title } } }`);
    expect(own.data).toEqual({ id: { id: "CREATED", status: null } });
    expect(own.errors?.map(({ path }) => path)).toEqual([["id", "status"]]);
  });

  test("that hangs is given up after its time, also by those who wait for a free socket to it", async () => {
    await using other = await openShop({ READ_TIMEOUT_MS: 300 });
    // Two requests for each of the 64 sockets; none can share another's answer.
    const tokens = await Promise.all(
      Array.from({ length: 128 }, (_, n) => other.token({ userId: `usr_${n}` })),
    );
    const answers = await Promise.all(tokens.map((token) => other.ask("{ slow methods }", { token })));
    for (const { data, errors } of answers) {
      expect(data).toEqual({ slow: null, methods: ["card"] });
      expect(errors).toMatchObject([{ path: ["slow"], extensions: { code: "SERVICE_UNAVAILABLE" } }]);
    }
  });

  test("in the middle of a write leaves the client with what to do", async () => {
    await using other = await openShop();
    const asked = other.ask(`mutation { hang }`);
    await vi.waitFor(() => expect(other.account.bodies).toHaveLength(1));
    await other.account.stop();
    const { errors } = await asked;
    expect(errors).toMatchObject([{ path: ["hang"], extensions: { code: "SERVICE_UNAVAILABLE" } }]);
    expect(errors?.[0]?.message).toContain("the same idempotencyKey");
    const { errors: refused } = await other.ask(`mutation { hang }`);
    expect(refused?.[0]?.message).toBe("The account service is not available right now.");
  });
});

describe("what callers read of errors", () => {
  test("a fault's inside stays inside: the answer has a number, and the log has the same", async () => {
    const answer = await shop.ask("{ broken }");
    expect(JSON.stringify(answer)).not.toContain("hunter2");
    const [error] = answer.errors ?? [];
    expect(error?.extensions).toEqual({
      code: "INTERNAL_SERVER_ERROR",
      requestId: answer.headers.get("x-request-id"),
    });
    expect(shop.logs.find((line) => line.includes(String(error?.extensions["requestId"])))).toContain(
      "hunter2",
    );
  });

  test("a refusal with a code passes, without the name of the service behind it", async () => {
    const { errors } = await shop.ask("{ refused }");
    expect(errors).toEqual([
      { message: "Staff only.", path: ["refused"], extensions: { code: "FORBIDDEN" } },
    ]);
  });

  test("a wrong variable is refused before anybody is asked", async () => {
    const { status, errors } = await shop.ask("query ($n: Int) { products(first: $n) { id } }", {
      variables: { n: "x" },
    });
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions["code"]).toBe("BAD_USER_INPUT");
    expect(shop.catalog.bodies).toEqual([]);
  });

  test("an entity that is gone is null and no error", async () => {
    const { data, errors } = await shop.ask(`{ order(id: "ord_1") { id missing { title } } }`);
    expect([data, errors]).toEqual([{ order: { id: "ord_1", missing: null } }, undefined]);
  });
});

describe("aliases", () => {
  test("that are called like a key change nothing of what is read", async () => {
    const query = `query ($t: Boolean!) {
      order(id: "ord_1") {
        product { id: title @include(if: $t) title: id price(currency: "EUR") __typename: title }
        status: product { proto: __typename id: __typename }
      }
    }`;
    for (const t of [true, false]) {
      const { data, errors } = await shop.ask(query, { variables: { t } });
      const product = { title: "prd_1", price: "in EUR", __typename: "Teapot", ...(t && { id: "Teapot" }) };
      expect(errors).toBeUndefined();
      expect(data).toEqual({ order: { product, status: { proto: "Product", id: "Product" } } });
    }
  });
});

describe("reads at the same moment", () => {
  test("travel to their subgraph as one array", async () => {
    const ids = ["prd_1", "prd_2", "prd_3"];
    const query = "query ($id: ID!) { product(id: $id) { title } }";
    const answers = await Promise.all(ids.map((id) => shop.ask(query, { variables: { id } })));
    expect(answers.map(({ data }) => data)).toEqual(
      ["Teapot", "Kettle", "Cup"].map((title) => ({ product: { title } })),
    );
    const asked = shop.catalog.bodies.flat().length;
    expect(asked).toBe(3);
  });

  test("of different people are never put together", async () => {
    const tokens = await Promise.all(["usr_a", "usr_b", "usr_c"].map((userId) => shop.token({ userId })));
    const answers = await Promise.all(tokens.map((token) => shop.ask("{ whoAsks { userId } }", { token })));
    expect(answers.map(({ data }) => data)).toEqual(
      ["usr_a", "usr_b", "usr_c"].map((userId) => ({ whoAsks: { userId } })),
    );
  });

  test("are given up when their client goes away, but not while another waits for the same", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [first, second].map(({ signal }) => shop.ask("{ slow }", { signal }).catch(() => "gone"));
    await vi.waitFor(() => expect(slowReads.begun).toBeGreaterThan(0));
    first.abort();
    await shop.ask("{ methods }");
    expect(slowReads.cancelled).toBeLessThan(slowReads.begun);
    second.abort();
    await vi.waitFor(() => expect(slowReads.cancelled).toBe(slowReads.begun));
    expect(await Promise.all(asked)).toEqual(["gone", "gone"]);
  });
});
