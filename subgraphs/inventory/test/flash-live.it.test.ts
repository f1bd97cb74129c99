import { audienceKey, signIdentity, type Identity } from "@shop/service";
import { customer, eventually, guest, testMasterKey } from "@shop/testkit";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { confirmed } from "./builders.ts";
import { openShop, type StockedShop } from "./fixtures.ts";
import { flashShop, type FlashShop, type Ticket } from "./flash-shop.ts";

const stack = new AsyncDisposableStack();
let shop: StockedShop;
let flash: FlashShop;
let sku: string;
let count = 0;

beforeAll(async () => {
  shop = await openShop(stack);
  flash = flashShop(shop);
});
afterAll(() => stack.disposeAsync());

beforeEach(async () => {
  sku = `LIVE-${++count}`;
  await shop.sells([sku]);
  await shop.receives(sku, 10, "BER");
});

/** Subscribes as a gateway does; `seen` fills as pushes come. */
function subscribe<Pushed>(query: string, variables: Record<string, unknown>, who: Identity) {
  const client = createClient({ url: `${shop.url.replace("http", "ws")}/graphql`, retryAttempts: 0 });
  stack.defer(() => void client.dispose());
  const identity = signIdentity(who, "inventory", audienceKey(testMasterKey, "inventory"));
  const state = {
    seen: [] as Pushed[],
    codes: [] as unknown[],
    isOver: false,
    stop: () => undefined as void,
  };
  state.stop = client.subscribe<{ it: Pushed }>(
    { query, variables, extensions: { identity } },
    {
      next: ({ data, errors }) => {
        if (data) state.seen.push(data.it);
        for (const error of errors ?? []) state.codes.push(error.extensions?.["code"]);
      },
      error: (error) => {
        for (const one of Array.isArray(error) ? error : []) state.codes.push(one.extensions?.code);
      },
      complete: () => void (state.isOver = true),
    },
  );
  return state;
}

const follow = (ticketId: string, who: string, after?: string) =>
  subscribe<Ticket>(
    `subscription ($ticketId: ID!, $after: String) {
      it: flashSaleTicketUpdated(ticketId: $ticketId, after: $after) { id status position holdExpiresAt cursor } }`,
    { ticketId, after },
    customer(who),
  );
const statuses = ({ seen }: { seen: Ticket[] }) => seen.map(({ status }) => status);

test("a ticket's subscriber sees its place, each change once and in order, and the end", async () => {
  const sale = await flash.plan(sku, 1);
  const [one, two] = [await flash.hold(sale, `usr_${sku}_0`), await flash.enter(sale, `usr_${sku}_1`)];
  const mine = (await flash.enter(sale, `usr_${sku}_2`)).ticket;
  const pushed = follow(mine?.id ?? "", `usr_${sku}_2`);
  await eventually(() => pushed.seen.length === 1, "the present state was not pushed");
  expect(pushed.seen[0]).toMatchObject({ status: "WAITING", position: 2 });
  await flash.leave(two.ticket?.id ?? "", `usr_${sku}_1`);
  await eventually(() => pushed.seen.at(-1)?.position === 1, "moving up was not pushed");
  await flash.leave(one.id, `usr_${sku}_0`);
  await eventually(() => statuses(pushed).at(-1) === "HOLDING", "the hold was not pushed");
  expect(pushed.seen.at(-1)).toMatchObject({ position: null, holdExpiresAt: expect.any(String) });
  const orderId = `ord_${sku}`;
  await shop.send(flash.orderWith(orderId, sku, mine?.id ?? ""));
  await shop.send(confirmed(orderId));
  await eventually(() => pushed.isOver, "the subscription did not end");
  expect(statuses(pushed)).toEqual(["WAITING", "WAITING", "HOLDING", "BOUGHT"]);
  expect(pushed.codes).toEqual([]);
});

test("a subscriber that was away gets what it missed after its cursor, once", async () => {
  const sale = await flash.plan(sku, 1);
  const holder = await flash.hold(sale, `usr_${sku}_0`);
  const mine = (await flash.enter(sale, `usr_${sku}_1`)).ticket;
  const first = follow(mine?.id ?? "", `usr_${sku}_1`);
  await eventually(() => first.seen.length === 1, "nothing was pushed");
  first.stop();
  await flash.leave(holder.id, `usr_${sku}_0`);
  await flash.leave(mine?.id ?? "", `usr_${sku}_1`);
  const again = follow(mine?.id ?? "", `usr_${sku}_1`, first.seen[0]?.cursor);
  await eventually(() => again.isOver, "the subscription did not end");
  expect(statuses(again)).toEqual(["HOLDING", "LEFT"]);
  const last = follow(mine?.id ?? "", `usr_${sku}_1`, again.seen.at(-1)?.cursor);
  await eventually(() => last.isOver, "a subscription after the last cursor did not end");
  expect(last.seen).toEqual([]);
  const forged = follow(mine?.id ?? "", `usr_${sku}_1`, holder.cursor);
  await eventually(() => forged.codes.length > 0, "another ticket's cursor was taken");
  expect(forged.codes).toEqual(["BAD_USER_INPUT"]);
});

test("the end of the sale reaches all that wait at once", async () => {
  const sale = await flash.plan(sku, 1);
  await flash.hold(sale, `usr_${sku}_0`);
  const waiting = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const { ticket } = await flash.enter(sale, `usr_${sku}_w${at}`);
      return follow(ticket?.id ?? "", `usr_${sku}_w${at}`);
    }),
  );
  await eventually(() => waiting.every(({ seen }) => seen.length > 0), "not all are followed");
  const fromMs = performance.now();
  await flash.end(sale);
  await eventually(() => waiting.every(({ isOver }) => isOver), "not all got the end");
  expect(performance.now() - fromMs).toBeLessThan(1_000);
  expect(new Set(waiting.map(({ seen }) => seen.at(-1)?.status))).toEqual(new Set(["SOLD_OUT"]));
});

test("another customer's ticket can't be followed, nor by a guest", async () => {
  const sale = await flash.plan(sku, 1);
  const { id } = await flash.hold(sale, `usr_${sku}`);
  const other = follow(id, "usr_other");
  await eventually(() => other.codes.length > 0, "it was followed");
  expect(other).toMatchObject({ codes: ["NOT_FOUND"], seen: [] });
  const query = `subscription { it: flashSaleTicketUpdated(ticketId: "${id}") { id } }`;
  const unknown = subscribe(query, {}, guest);
  await eventually(() => unknown.codes.length > 0, "a guest followed it");
  expect(unknown.codes).toEqual(["UNAUTHENTICATED"]);
});

test("stockChanged pushes the stock of now, and each change within a second", async () => {
  const stock = subscribe<{ sku: string; availability: { quantity: number } }>(
    `subscription ($skus: [String!]!) { it: stockChanged(skus: $skus) { sku availability { status quantity } } }`,
    { skus: [sku, "unknown"] },
    guest,
  );
  const quantities = () => stock.seen.map(({ availability }) => availability.quantity);
  await eventually(() => stock.seen.length === 1, "the stock of now was not pushed");
  const fromMs = performance.now();
  await flash.plan(sku, 4);
  await eventually(() => stock.seen.length === 2, "the sale's units did not leave");
  expect(performance.now() - fromMs).toBeLessThan(1_000);
  expect(quantities()).toEqual([10, 6]);
  const many = subscribe(
    `subscription ($skus: [String!]!) { it: stockChanged(skus: $skus) { sku } }`,
    { skus: Array.from({ length: 101 }, (_, at) => `s${at}`) },
    guest,
  );
  await eventually(() => many.codes.length > 0, "101 SKUs were followed");
  expect(many.codes).toEqual(["BAD_USER_INPUT"]);
});
