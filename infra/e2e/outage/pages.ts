import { expect } from "vitest";
import type { OperationName, Answer, Untyped } from "../src/answer.ts";
import { isEvent } from "../src/order-feed.ts";
import { documentOf, type Shopper } from "../src/shopper.ts";
import { address, key, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";

/** What a front-end asks for on each of its pages. */
export type Page = "product" | "search" | "cart" | "order";
type Requests = Record<Page, { operation: OperationName; variables: object }>;
export type Answers = Record<Page, Answer>;

/** What is null on a page while a service is away: the path of the error, and the parts that are null. */
export type ExpectedNull = { path: (string | number)[]; cut: (data: Untyped) => void };
export type ExpectedNulls = Partial<Record<Page, ExpectedNull[]>>;

/** The pages of a shop in which a guest has bought something and has a filled cart. */
export async function prepare(guest: Shopper): Promise<Requests> {
  const plenty = await plentyOf(guest, 4);
  const skus = plenty.map(({ sku }) => sku);
  const { variant } = await guest.get(`{ variant(sku: "${skus[0]}") { product { slug } } }`);
  const checkout = await guest.carryOut("checkout-lean", {
    input: { ...(await readyCart(guest, skus.slice(0, 2))), idempotencyKey: key() },
  });
  const { order, orderToken: token } = checkout;
  const feed = guest.subscribe("order-updated", { orderId: order.id, token });
  await feed.until(isEvent("SHIPMENT_SCHEDULED"));
  feed.stop();
  await untilOrder(guest, order.id, token, ["CONFIRMED"]);
  const cart = await readyCart(guest, skus.slice(2));
  return {
    product: { operation: "product-page", variables: { slug: variant.product.slug } },
    search: { operation: "search-page", variables: { query: "lamp", first: 5 } },
    cart: { operation: "cart-page", variables: { id: cart.cartId, address } },
    order: { operation: "order-page", variables: { id: order.id, token } },
  };
}

/** Sends all pages' operations at once. */
export async function readAll(guest: Shopper, requests: Requests): Promise<Answers> {
  const pages = Object.entries(requests).map(async ([page, { operation, variables }]) => [
    page,
    await guest.send(documentOf(operation), variables),
  ]);
  return Object.fromEntries(await Promise.all(pages)) as Answers;
}

/** Expects each page to be as it was when all was well, but for these nulls, each with its coded error. */
export function expectOnly(nulls: ExpectedNulls, answers: Answers, whole: Answers): void {
  for (const page of Object.keys(whole) as Page[]) {
    const expected = structuredClone(whole[page].data);
    for (const { cut } of nulls[page] ?? []) cut(expected);
    // Each look at a guest's cart begins its time anew.
    if (expected?.["cart"]) expected["cart"].expiresAt = expect.stringMatching(/^20\d\d-/);
    expect({ page, data: answers[page].data }).toEqual({ page, data: expected });
    const errors = answers[page].errors?.map(({ path, extensions }) => ({
      path,
      code: extensions?.["code"],
    }));
    expect({ page, errors: errors ?? [] }).toEqual({
      page,
      errors: (nulls[page] ?? []).map(({ path }) => ({ path, code: "SERVICE_UNAVAILABLE" })),
    });
  }
}
