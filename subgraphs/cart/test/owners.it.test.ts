import {
  customer,
  eventually,
  guest,
  staff,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { newId, newKey } from "@shop/values";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  lineId,
  orderConfirmed,
  productOf,
  sell,
  shopper,
  startCart,
  statementsOf,
  type ShownCart,
} from "./fixtures.ts";

let stores: TestStores;
let service: TestService;
let stop: () => Promise<void>;

beforeAll(async () => {
  stores = await testStores();
  ({ service, stop } = await startCart(stores));
  await sell(service, productOf("mug"), productOf("pen"), productOf("tea"));
});

afterAll(async () => {
  await stop?.();
  await stores?.[Symbol.asyncDispose]();
});

const someone = () => customer(newId("usr"));
const currentCart = async (identity: Parameters<TestService["graphql"]>[2]) => {
  const { data } = await service.graphql(`{ me { id cart { id version itemCount } } }`, {}, identity);
  return (data as { me: { cart: unknown } | null } | null)?.me?.cart;
};

describe("a cart", () => {
  it("of a guest opens to every caller that knows its id", async () => {
    const { cart } = await shopper(service).create({ lines: [{ sku: "mug", quantity: 1 }] });
    expect(await shopper(service, someone()).read(cart.id)).toEqual(cart);
    const added = await shopper(service, someone()).add(cart.id, [{ sku: "mug", quantity: 1 }]);
    expect(added.cart.itemCount).toBe(2);
  });

  it("of a customer opens to no other caller", async () => {
    const me = someone();
    const { cart } = await shopper(service, me).create({ lines: [{ sku: "mug", quantity: 1 }] });
    const noCart = { cart: null, userErrors: [{ code: "NOT_FOUND", field: ["cartId"] }] };
    for (const other of [guest, someone()]) {
      const they = shopper(service, other);
      expect(await they.read(cart.id)).toBeNull();
      expect(await they.add(cart.id, [{ sku: "mug", quantity: 1 }])).toEqual(noCart);
      expect(await they.remove(cart.id, [lineId(cart)])).toEqual(noCart);
      if (other.kind === "user") expect(await they.claim(cart.id)).toEqual(noCart);
    }
    expect(await shopper(service, me).read(cart.id)).toEqual(cart);
  });

  it("that a customer makes anew becomes theirs; the earlier one stays readable", async () => {
    const me = someone();
    expect(await currentCart(me)).toBeNull();
    const first = (await shopper(service, me).create()).cart;
    const second = (await shopper(service, me).create({ lines: [{ sku: "mug", quantity: 2 }] })).cart;
    expect(await currentCart(me)).toEqual({ id: second.id, version: 1, itemCount: 2 });
    expect(await shopper(service, me).read(first.id)).toEqual(first);
  });

  it("has no `me` when the caller is a guest", async () => {
    expect((await service.graphql(`{ me { id } }`)).data).toEqual({ me: null });
  });

  it("of many customers is found in one query", async () => {
    const people = Array.from({ length: 20 }, someone);
    await Promise.all(people.map((one) => shopper(service, one).create()));
    const statements = await statementsOf(service, async () => {
      const { data } = await service.graphql(
        `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { cart { version } } } }`,
        { of: people.map((one) => ({ __typename: "User", id: one.kind === "user" && one.userId })) },
        staff,
      );
      expect(data?.["_entities"]).toEqual(people.map(() => ({ cart: { version: 1 } })));
    });
    expect(statements).toHaveLength(1);
  });
});

describe("claiming a guest cart", () => {
  it("makes it the customer's, under its id, with what they had", async () => {
    const me = someone();
    const mine = (
      await shopper(service, me).create({
        lines: [
          { sku: "pen", quantity: 1 },
          { sku: "mug", quantity: 3 },
        ],
      })
    ).cart;
    const theirs = (await shopper(service).create({ lines: [{ sku: "mug", quantity: 2 }] })).cart;
    const { cart, userErrors } = await shopper(service, me).claim(theirs.id);
    expect(userErrors).toEqual([]);
    expect(cart).toMatchObject({ id: theirs.id, version: 2, itemCount: 6 });
    expect(await currentCart(me)).toEqual({ id: theirs.id, version: 2, itemCount: 6 });
    expect(await shopper(service).read(theirs.id)).toBeNull();
    expect((await shopper(service).add(theirs.id, [{ sku: "mug", quantity: 1 }])).userErrors[0]?.code).toBe(
      "NOT_FOUND",
    );
    expect(await shopper(service, me).read(mine.id)).toMatchObject({ version: 2, itemCount: 0 });
  });

  it.each([
    ["KEEP_GUEST", 2],
    ["KEEP_MINE", 3],
  ])("keeps what %s says of a line that both have", async (strategy, quantity) => {
    const me = someone();
    await shopper(service, me).create({ lines: [{ sku: "mug", quantity: 3 }] });
    const theirs = (await shopper(service).create({ lines: [{ sku: "mug", quantity: 2 }] })).cart;
    const { cart } = await shopper(service, me).claim(theirs.id, strategy);
    expect(cart.lines).toMatchObject([{ sku: "mug", quantity }]);
  });

  it("happens once for repeated calls, and for one of two customers", async () => {
    const me = someone();
    const theirs = (await shopper(service).create({ lines: [{ sku: "mug", quantity: 2 }] })).cart;
    const key = newKey();
    const asks = Array.from({ length: 5 }, () => shopper(service, me).claim(theirs.id, "SUM", key));
    const [others, ...mine] = await Promise.all([shopper(service, someone()).claim(theirs.id), ...asks]);
    const winners = [others, ...mine].filter((answer) => answer.cart);
    expect([1, 5]).toContain(winners.length);
    for (const { cart } of winners) expect(cart).toMatchObject({ version: 2, itemCount: 2 });
    const again = await shopper(service, me).claim(theirs.id, "SUM", key);
    expect(Boolean(again.cart)).toBe(winners.length === 5);
  });

  it("loses no addition that comes meanwhile", async () => {
    const me = someone();
    const theirs = (await shopper(service).create()).cart;
    const adds = Array.from({ length: 20 }, () =>
      shopper(service).add(theirs.id, [{ sku: "mug", quantity: 1 }]),
    );
    const [claimed, ...added] = await Promise.all([shopper(service, me).claim(theirs.id), ...adds]);
    expect(claimed.userErrors).toEqual([]);
    const taken = added.filter((answer) => answer.userErrors.length === 0).length;
    expect(await shopper(service, me).read(theirs.id)).toMatchObject({ itemCount: taken });
  });

  it.each([
    ["the customer, before they claimed it,", () => someone()],
    ["a guest, who then signed in,", () => guest],
  ])("doesn't repeat what %s had asked for under the same key", async (_, identity) => {
    const me = someone();
    const who = identity() === guest ? guest : me;
    const { cart } = await shopper(service).create();
    const lines = [{ sku: "mug", quantity: 1 }];
    const key = newKey();
    await shopper(service, who).add(cart.id, lines, key);
    await shopper(service, me).claim(cart.id);
    const again = await shopper(service, me).add(cart.id, lines, key);
    expect(again).toMatchObject({ cart: { itemCount: 1 }, userErrors: [] });
    const other = await shopper(service, me).add(cart.id, [{ sku: "pen", quantity: 1 }], key);
    expect(other.userErrors).toMatchObject([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
    expect((await shopper(service, me).add(cart.id, lines, newKey())).cart.itemCount).toBe(2);
  });

  it("that is refused after one that broke off leaves the guest their cart", async () => {
    const { sql } = service.kit.pg;
    const me = someone();
    const { cart } = await shopper(service).create({ lines: [{ sku: "mug", quantity: 1 }] });
    await sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$;
      create trigger refuse before insert on carts for each row when (new.id = '${cart.id}')
        execute function refuse();`);
    await expect(shopper(service, me).claim(cart.id)).rejects.toThrow();
    await sql.unsafe("drop trigger refuse on carts");
    const many = Array.from({ length: 100 }, (_, at) => `full-${at}`);
    await sell(service, ...many.map((sku) => productOf(sku)));
    await shopper(service, me).create({ lines: many.map((sku) => ({ sku, quantity: 1 })) });
    const refused = await shopper(service, me).claim(cart.id);
    expect(refused.userErrors).toMatchObject([{ code: "QUANTITY_LIMIT" }]);
    expect(await shopper(service).read(cart.id)).toEqual(cart);
    await service.publish(orderConfirmed(cart));
    await eventually(async () => (await shopper(service).read(cart.id)).itemCount === 0);
  });

  it("needs someone signed in", async () => {
    const { cart } = await shopper(service).create();
    await expect(shopper(service).claim(cart.id)).rejects.toThrow(/UNAUTHENTICATED/);
  });
});

describe.each([
  ["a guest", guest],
  ["a customer", customer("usr_buyer")],
])("a confirmed order of %s", (_, identity) => {
  it("takes what it bought out of the cart once, and leaves what was added since", async () => {
    const me = shopper(service, identity);
    const { cart } = await me.create({
      lines: [
        { sku: "mug", quantity: 2 },
        { sku: "pen", quantity: 1 },
      ],
    });
    await me.add(cart.id, [
      { sku: "mug", quantity: 3 },
      { sku: "tea", quantity: 1 },
    ]);
    const sent = await service.publish(orderConfirmed(cart));
    const left = await eventually(async () => {
      const read = await me.read(cart.id);
      return read.itemCount < 7 ? read : undefined;
    });
    expect(left).toMatchObject({
      version: 3,
      lines: [
        { sku: "mug", quantity: 3 },
        { sku: "tea", quantity: 1 },
      ],
    });
    await service.republish(sent);
    // Order publishes the event again under another id while shipping's answer is overdue.
    await service.republish({ ...sent, id: crypto.randomUUID() });
    const fence = (await me.create({ lines: [{ sku: "pen", quantity: 1 }] })).cart;
    await service.publish({ ...orderConfirmed(fence), sagaId: sent.data.orderId });
    await eventually(async () => (await me.read(fence.id)).itemCount === 0);
    expect(await me.read(cart.id)).toEqual(left);
  });
});

it("takes out what two orders of one cart have bought, also when both are confirmed at once", async () => {
  const me = shopper(service, someone());
  const one = (cart: ShownCart, at: number) => ({ ...cart, lines: cart.lines.slice(at, at + 1) });
  for (let round = 0; round < 8; round++) {
    const { cart } = await me.create({ lines: ["mug", "pen", "tea"].map((sku) => ({ sku, quantity: 1 })) });
    await Promise.all([0, 1].map((at) => service.publish(orderConfirmed(one(cart, at)))));
    const left = await eventually(async () => {
      const read = await me.read(cart.id);
      return read.version >= cart.version + 2 ? read : undefined;
    });
    expect(left.lines.map(({ sku }) => sku)).toEqual(["tea"]);
    await me.remove(
      cart.id,
      left.lines.map(({ id }) => id),
    );
  }
});

it("takes out of a cart that was claimed while its order was being paid", async () => {
  const me = someone();
  const { cart } = await shopper(service).create({ lines: [{ sku: "mug", quantity: 2 }] });
  await shopper(service, me).claim(cart.id);
  await service.publish(orderConfirmed(cart));
  await eventually(async () => (await shopper(service, me).read(cart.id)).itemCount === 0);
});

it("takes a guest's order out once, also when the event comes again after the claim", async () => {
  const me = someone();
  const { cart } = await shopper(service).create({ lines: [{ sku: "mug", quantity: 2 }] });
  const sent = await service.publish(orderConfirmed(cart));
  await eventually(async () => (await shopper(service).read(cart.id)).itemCount === 0);
  await shopper(service).add(cart.id, [{ sku: "mug", quantity: 1 }]);
  await shopper(service, me).claim(cart.id);
  await service.republish({ ...sent, id: crypto.randomUUID() });
  const fence = (await shopper(service, me).create({ lines: [{ sku: "pen", quantity: 1 }] })).cart;
  await service.publish({ ...orderConfirmed(fence), sagaId: sent.data.orderId });
  await eventually(async () => (await shopper(service, me).read(fence.id)).itemCount === 0);
  expect((await shopper(service, me).read(cart.id)).itemCount).toBe(1);
});

it("goes on after Redis has lost everything, guest carts excepted", async () => {
  const me = someone();
  const guests = (await shopper(service).create({ lines: [{ sku: "mug", quantity: 1 }] })).cart;
  const mine = (await shopper(service, me).create({ lines: [{ sku: "mug", quantity: 1 }] })).cart;
  await service.kit.redis.flushall();
  await service.kit.redis.script("FLUSH");
  expect(await shopper(service).read(guests.id)).toBeNull();
  expect((await shopper(service).add(guests.id, [{ sku: "mug", quantity: 1 }])).userErrors).toMatchObject([
    { code: "NOT_FOUND" },
  ]);
  expect(await shopper(service, me).read(mine.id)).toEqual(mine);
  expect((await shopper(service).create({ lines: [{ sku: "mug", quantity: 1 }] })).cart.itemCount).toBe(1);
});
