import type { Answer } from "../src/answer.ts";
import type { Shopper } from "../src/shopper.ts";

/** A product whose price the staff keeps changing; each price is set once, so that a late event would show. */
export type Watched = { id: string; sku: string; title: string; price: string | undefined };

/** The answers to shoppers meanwhile. */
export type Traffic = {
  watched: Watched[];
  /** Answers to searches that were none: each with its code. */
  refusals: (string | undefined)[];
  answered: () => number;
  /** The fewest products that a search for all of them found. */
  fewest: () => number;
  /** What went wrong elsewhere in the shop: nothing may. */
  complaints: string[];
  changes: () => number;
  stop(): Promise<void>;
};

/** Staff changes prices without a pause, while shoppers search, look at products and fill carts. */
export async function openTraffic(guest: Shopper, staff: Shopper): Promise<Traffic> {
  const { search } = await guest.get(
    `{ search(first: 30, filters: { inStock: true }) { nodes { id slug title variants { sku } } } }`,
  );
  const found = search.nodes as { id: string; slug: string; title: string; variants: { sku: string }[] }[];
  const watched = found.map(({ id, title, variants }): Watched => ({
    id,
    title,
    sku: variants[0]?.sku ?? "",
    price: undefined,
  }));
  const traffic = { refusals: [] as (string | undefined)[], complaints: [] as string[] };
  const over = new AbortController();
  let [answered, changes, fewest] = [0, 0, Infinity];

  const change = async (turn: number) => {
    const one = watched[turn % watched.length];
    if (!one) return;
    // Below those of all other variants, and each once: a product is found by its lowest price.
    const price = (4.99 - Math.floor(turn / watched.length) / 100).toFixed(2);
    const answer = await staff.send(
      `mutation ($sku: String!, $price: MoneyInput!) { variantPriceSet(sku: $sku, price: $price) { userErrors { message } } }`,
      { sku: one.sku, price: { amount: price, currency: "USD" } },
    );
    if (answer.errors) traffic.complaints.push(`price: ${JSON.stringify(answer.errors)}`);
    else one.price = price;
    changes++;
  };
  const look = async (turn: number) => {
    note(await guest.send(`query Browse { search(first: 5) { totalCount nodes { title } } }`), true);
    note(
      await guest.send(`query Find($query: String) { search(query: $query) { nodes { id } } }`, {
        query: `lamp ${turn}`,
      }),
    );
    const one = found[turn % found.length];
    const page = await guest.send("product-page", { slug: one?.slug ?? "" });
    if (page.errors || !page.data.product) traffic.complaints.push(`page: ${JSON.stringify(page.errors)}`);
    const lines = [{ sku: one?.variants[0]?.sku ?? "", quantity: 1 }];
    const cart = await guest.send("cart-create", { input: { lines } });
    if (cart.errors || !cart.data.cartCreate.cart) traffic.complaints.push(`cart: ${JSON.stringify(cart)}`);
  };
  const note = ({ data, errors }: Answer, isAll = false) => {
    if (data?.search) answered++;
    else traffic.refusals.push(errors?.[0]?.extensions?.["code"] as string | undefined);
    if (data?.search && isAll) fewest = Math.min(fewest, data.search.totalCount as number);
  };
  const keepOn = async (act: (turn: number) => Promise<void>) => {
    for (let turn = 0; !over.signal.aborted; turn++) await act(turn);
  };
  const going = Promise.all([keepOn(change), keepOn(look)]);
  // `stop` throws the failure.
  going.catch(() => undefined);
  return {
    ...traffic,
    watched,
    answered: () => answered,
    changes: () => changes,
    fewest: () => fewest,
    async stop() {
      over.abort();
      await going;
    },
  };
}
