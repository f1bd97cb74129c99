import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { attempts } from "./shop/account.ts";
import { openShop, type TestShop } from "./shop/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("a document that is too large", () => {
  const refused = async (query: string) => {
    const { status, errors } = await shop.ask(query);
    expect(status).toBe(400);
    return errors?.[0]?.message;
  };

  test("by depth is refused, however it is written", async () => {
    const nested = (levels: number) => `${"{ related ".repeat(levels)} { id } ${"}".repeat(levels)}`;
    expect((await shop.ask(`{ product(id: "prd_1") ${nested(2)} }`)).status).toBe(200);
    expect(await refused(`{ product(id: "prd_1") ${nested(12)} }`)).toContain("depth");
    const fragments = `fragment A on Product ${nested(5).replace("{ id }", "{ ...B }")} fragment B on Product ${nested(6)}`;
    expect(await refused(`{ product(id: "prd_1") { ...A } } ${fragments}`)).toContain("depth");
  });

  test("by aliases is refused", async () => {
    const many = Array.from({ length: 31 }, (_, index) => `a${index}: methods`).join(" ");
    expect(await refused(`{ ${many} }`)).toContain("Aliases");
  });

  test("by length is refused", async () => {
    expect(await refused(`{ ${"methods ".repeat(3_100)} }`)).toContain("tokens");
  });

  test("by what it may answer with is refused, pages in pages by variables too", async () => {
    const query = `query ($n: Int) {
      product(id: "prd_1") { related(first: $n) { related(first: $n) { related(first: $n) { id } } } }
    }`;
    expect((await shop.ask(query, { variables: { n: 10 } })).status).toBe(200);
    const { status, errors } = await shop.ask(query, { variables: { n: 100 } });
    expect([status, errors?.[0]?.extensions["code"]]).toEqual([400, "QUERY_TOO_COSTLY"]);
  });
});

test("a value that its scalar doesn't take is refused, as a variable and as a literal", async () => {
  const of = (value: string) => `{ product(id: "prd_1") { price(currency: ${value}) } }`;
  expect((await shop.ask(of(`"USD"`))).data).toEqual({ product: { price: "in USD" } });
  for (const value of [`"usd"`, "5", "{ a: 1 }", `["USD"]`]) {
    const { status, errors } = await shop.ask(of(value));
    expect([value, status, errors?.[0]?.extensions["code"]]).toEqual([
      value,
      400,
      "GRAPHQL_VALIDATION_FAILED",
    ]);
  }
  const query = `query ($c: CurrencyCode) ${of("$c")}`;
  for (const c of ["usd", 5, { a: 1 }, ["USD"]]) {
    const { status, errors } = await shop.ask(query, { variables: { c } });
    expect([c, status, errors?.[0]?.extensions["code"]]).toEqual([c, 400, "BAD_USER_INPUT"]);
  }
});

test.each<[string, object]>([
  ["query ($i: Boolean = true) { products @include(if: $i) { id } }", { i: null }],
  ["query ($i: Boolean = true) { products { id title @skip(if: $i) } }", { i: null }],
  ["query ($i: ID = 3) { product(id: $i) { id } }", { i: null }],
  ["{ products(ratingMin: 1e400) { id } }", {}],
  ["query ($i: Float = 1e400) { products(ratingMin: $i) { id } }", {}],
])(
  "what validation lets pass and no service can do is the caller's mistake, and no fault: %s",
  async (query, variables) => {
    const { length } = shop.logs;
    const { status, errors } = await shop.ask(query, { variables: { ...variables } });
    expect([status, errors?.[0]?.extensions["code"]]).toEqual([400, "BAD_USER_INPUT"]);
    // The shop's own operations are planned meanwhile, and this small graph lacks most of their fields. It has no Redis.
    const faults = shop.logs.slice(length).filter((line) => !/not planned|Redis is away/.test(line));
    expect(faults).toEqual([]);
  },
);

describe("text that no store takes", () => {
  const read = "query ($id: ID!) { product(id: $id) { id } }";
  const tried = async (query: string, variables: Record<string, unknown> = {}) => {
    const { status, errors } = await shop.ask(query, { variables });
    return [status, errors?.[0]?.extensions["code"]];
  };

  test("is refused in a variable, however deep, by its place", async () => {
    expect(await tried(read, { id: "prd_\0" })).toEqual([400, "BAD_USER_INPUT"]);
    expect(await tried(read, { id: "prd_\ud800" })).toEqual([400, "BAD_USER_INPUT"]);
    const logIn = "mutation ($input: LogInInput!) { logIn(input: $input) { session { accessToken } } }";
    const input = { email: "ada\0@shop.test", password: "x" };
    const { errors } = await shop.ask(logIn, { variables: { input } });
    expect(errors?.[0]?.message).toContain(`"$input.email"`);
    expect((await shop.ask(read, { variables: { id: "😀" } })).status).toBe(200);
  });

  test("is refused in a document, however it is written", async () => {
    for (const text of [`"\\u0000"`, `"\\u{0}"`, `"""\0"""`])
      expect(await tried(`{ product(id: ${text}) { id } }`)).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
  });

  test("is looked for as deep as variables may be nested", async () => {
    const body = `{"query":"{ methods }","variables":{"x":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`;
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${shop.gateway.url}/graphql`, { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("BAD_USER_INPUT");
  });
});

test("a subscription whose root field is conditional is refused, wherever the condition stands", async () => {
  for (const root of [
    "orderUpdated(orderId: 1) @skip(if: $no) { cursor }",
    "... @include(if: $no) { orderUpdated(orderId: 1) { cursor } }",
    "...A @skip(if: $no)",
    "...A orderUpdated(orderId: 1) @skip(if: true) { cursor }",
  ]) {
    const fragment = "fragment A on Subscription { orderUpdated(orderId: 1) { cursor } }";
    const query = `subscription ($no: Boolean!) { ${root} } ${root.includes("...A") ? fragment : ""}`;
    const { status, errors } = await shop.ask(query, { variables: { no: false } });
    expect([status, errors?.map((error) => error.message)]).toEqual([
      400,
      ["The root field of a subscription can't have @skip or @include."],
    ]);
  }
});

test("an operation of eleven mutations is refused, aliases and fragments counted; ten are carried out", async () => {
  const writing = (count: number) => {
    const fields = Array.from({ length: count - 1 }, (_, at) => `a${at}: cancel(orderId: "o${at}") { id }`);
    return `mutation { ${fields.join(" ")} ...F } fragment F on Mutation { cancel(orderId: "last") { id } }`;
  };
  const refused = await shop.ask(writing(11));
  expect(refused.status).toBe(400);
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "QUERY_TOO_COSTLY", writes: 11, limit: 10 });
  expect((await shop.ask(writing(10))).data).toMatchObject({ a0: { id: "o0" }, cancel: { id: "last" } });
});

test("a page size that is no number is refused as one, and costs no more than a page", async () => {
  const query = "query ($n: Int) { products(first: $n) { id } }";
  for (const n of ["1e400", "2147483648", "1.5", '"7"']) {
    const response = await fetch(`${shop.gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"query":"${query}","variables":{"n":${n}}}`,
    });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect([n, response.status, errors[0]?.extensions.code]).toEqual([n, 400, "BAD_USER_INPUT"]);
  }
});

test("however many variables are wrong, a few errors tell of it", async () => {
  const query = "mutation ($lines: [String!]!) { catalogueImport(lines: $lines) }";
  const lines = Array.from({ length: 20_000 }, () => 1);
  const { status, errors } = await shop.ask(query, { variables: { lines } });
  expect(status).toBe(400);
  expect(errors?.length).toBeLessThanOrEqual(11);
  expect(new Set(errors?.map(({ extensions }) => extensions["code"]))).toEqual(new Set(["BAD_USER_INPUT"]));
});

describe("a request that is no proper one", () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${shop.gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: new Uint8Array(Buffer.from(body)),
    });
  const codeOf = async (response: Response) => {
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    return errors[0]?.extensions.code;
  };

  test.for([
    ["no JSON", "query { methods }"],
    ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["a batch of operations", JSON.stringify([{ query: "{ methods }" }])],
    ["nothing", ""],
  ] as const)("because it has %s is refused with 400", async ([, body]) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("BAD_REQUEST");
  });

  test("because its query is not the one of its hash is refused", async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: "abc" } };
    const response = await post(JSON.stringify({ query: "{ methods }", extensions }));
    expect([response.status, await codeOf(response)]).toEqual([400, "BAD_REQUEST"]);
  });

  test.for([
    ["text/plain", {}],
    ["text/plain", { "apollo-require-preflight": "true" }],
    ["application/x-www-form-urlencoded", { "apollo-require-preflight": "true" }],
    ["", { "apollo-require-preflight": "true" }],
  ] as const)("because a form on another site could have sent it is refused: %s %j", async ([type, more]) => {
    const response = await post(JSON.stringify({ query: "{ methods }" }), { ...more, "content-type": type });
    expect([response.status, await codeOf(response)]).toEqual([400, "BAD_REQUEST"]);
  });

  test("because it is a mutation by GET is refused, however it is sent", async () => {
    const query = encodeURIComponent(`mutation { cancel(orderId: "ord_1") { id } }`);
    for (const headers of [{ accept: "application/json" }, { "apollo-require-preflight": "true" }]) {
      const response = await fetch(`${shop.gateway.url}/graphql?query=${query}`, { headers });
      expect([response.status, await codeOf(response)]).toEqual([405, "BAD_REQUEST"]);
    }
  });

  test.for(["PUT", "DELETE", "PATCH"])("because it is a %s is refused with 405", async (method) => {
    const response = await fetch(`${shop.gateway.url}/graphql`, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST, OPTIONS"]);
    expect(await codeOf(response)).toBe("BAD_REQUEST");
  });

  test("because it is too long is refused with 413, except from staff", async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `product number ${index}`);
    const query = "mutation ($lines: [String!]!) { catalogueImport(lines: $lines) }";
    const refused = await shop.ask(query, { variables: { lines }, token: await shop.token() });
    expect([refused.status, refused.errors?.[0]?.extensions["code"]]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    const token = await shop.token({ roles: ["STAFF"] });
    expect((await shop.ask(query, { variables: { lines }, token })).data).toEqual({
      catalogueImport: 30_000,
    });
  });
});

describe("attempts at signing in, with Redis away", () => {
  beforeEach(() => {
    attempts.length = 0;
  });
  const input = (email: string) => `input: { email: "${email}", password: "x" }`;

  test("are counted per address and e-mail, each alias and fragment by itself", async () => {
    const aliases = Array.from(
      { length: 12 },
      (_, index) => `a${index}: logIn(${input("Guess@shop.test")}) { session { accessToken } }`,
    );
    const many = await shop.ask(`mutation { ${aliases.join(" ")} }`);
    expect([many.status, many.errors?.[0]?.extensions["code"]]).toEqual([429, "RATE_LIMITED"]);
    expect(Number(many.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(attempts).toEqual([]);

    const one = await shop.ask(
      `mutation { ...F } fragment F on Mutation { logIn(${input(" guess@shop.test")}) { session { accessToken } } }`,
    );
    expect(one.status).toBe(429);
    const another = await shop.ask(
      `mutation ($i: LogInInput!) { logIn(input: $i) { session { accessToken } } }`,
      {
        variables: { i: { email: "another@shop.test", password: "x" } },
      },
    );
    expect(another.status).toBe(200);
    expect(attempts).toEqual(["another@shop.test"]);
  });

  test("are counted per address at sign-up", async () => {
    const asked = Array.from({ length: 101 }, (_, index) =>
      shop.ask(`mutation { signUp(${input(`new${index}@shop.test`)}) { accessToken } }`),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });
});
