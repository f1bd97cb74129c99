import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Ask } from "./ask.ts";

/** Each kind of change has products of its own, so that none hides another. */
export type Kind = "price" | "title" | "stock";

/** The `turn`th change of its kind; -1 is what the products begin with. */
export type Change = { kind: Kind; turn: number };

/** The products' ids by kind and number. */
export type Products = Record<Kind, string[]>;

type Request = { query: string; variables: object };

/** So many that a change is found long before the same product changes again. */
const ofEach = 600;

const run = randomUUID().slice(0, 8);
const placeOf = (turn: number) => turn % ofEach;
const skuOf = (kind: Kind, place: number) => `FRESH-${run}-${kind}-${place}`;
const priceOf = (turn: number) => ({ amount: ((100_001 + turn) / 100).toFixed(2), currency: "USD" });
/** Out of stock and back, in turn; they begin with one unit. */
const hasStock = (turn: number) => turn < 0 || Math.floor(turn / ofEach) % 2 === 1;
/** Letters only, and far apart: none is a slip of the finger away from another. */
function wordOf(turn: number): string {
  const digits = String((turn + 2) * 7919 + 1_000_000_000);
  return Array.from(digits, (digit) => "bcdfghjklm".charAt(Number(digit)).repeat(2)).join("");
}

const priceSet = `mutation ($sku: String!, $price: MoneyInput!) {
  variantPriceSet(sku: $sku, price: $price) { userErrors { message } }
}`;
const importing = `mutation ($records: [ProductRecordInput!]!) {
  productsImport(input: { records: $records }) {
    userErrors { message } results { productId userErrors { message } }
  }
}`;
const booking = `mutation ($inputs: [StockAdjustInput!]!) {
  stockAdjustMany(inputs: $inputs) { results { userErrors { message } } userErrors { message } }
}`;

/** What staff sends: titles and stock in batches, as an import and a warehouse would, prices one by one. */
export function changeRequests(kind: Kind, turns: readonly number[]): Request[] {
  switch (kind) {
    case "price":
      return turns.map((turn) => ({
        query: priceSet,
        variables: { sku: skuOf(kind, placeOf(turn)), price: priceOf(turn) },
      }));
    case "title":
      return [
        {
          query: importing,
          variables: { records: turns.map((turn) => recordOf(kind, placeOf(turn), wordOf(turn))) },
        },
      ];
    case "stock":
      return [
        {
          query: booking,
          variables: { inputs: turns.map((turn) => unitsOf(placeOf(turn), hasStock(turn) ? 1 : -1)) },
        },
      ];
  }
}

/** Whether a search finds the product as the change left it. */
export async function isThere(guest: Ask, products: Products, { kind, turn }: Change): Promise<boolean> {
  const place = turn < 0 ? ofEach - 1 : placeOf(turn);
  const { amount } = priceOf(turn);
  const wanted = {
    price: { query: skuOf(kind, place), filters: turn < 0 ? {} : { priceMin: amount, priceMax: amount } },
    title: { query: turn < 0 ? skuOf(kind, place) : wordOf(turn), filters: {} },
    stock: { query: skuOf(kind, place), filters: { inStock: hasStock(turn) } },
  };
  const { search } = await guest(finding, wanted[kind]);
  return (search.nodes as { id: string }[]).some(({ id }) => id === products[kind][place]);
}

// By id only: what else a page shows is catalog's, and not what is measured.
const finding = `query Fresh($query: String, $filters: SearchFilters) {
  search(query: $query, filters: $filters, first: 5) { nodes { id } }
}`;

/** The products that are changed, each with one unit. */
export async function writeProducts(staff: Ask): Promise<Products> {
  const products: Products = { price: [], title: [], stock: [] };
  for (const kind of Object.keys(products) as Kind[]) {
    for (let from = 0; from < ofEach; from += 200) {
      const records = Array.from({ length: 200 }, (_, n) => recordOf(kind, from + n, `Fresh ${kind}`));
      const { productsImport } = await staff(importing, { records });
      products[kind].push(
        ...(productsImport.results as { productId: string }[]).map(({ productId }) => productId),
      );
    }
  }
  for (let from = 0; from < ofEach; from += 200) {
    await untilBooked(
      staff,
      Array.from({ length: 200 }, (_, n) => unitsOf(from + n, 1)),
    );
  }
  return products;
}

/** Inventory learns of a SKU from an event; until then it knows none such. The keys let it book each once. */
async function untilBooked(staff: Ask, inputs: object[]): Promise<void> {
  for (const until = Date.now() + 30_000; ;) {
    try {
      await staff(booking, { inputs });
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(100);
    }
  }
}

function recordOf(kind: Kind, place: number, title: string) {
  return {
    externalId: skuOf(kind, place),
    slug: skuOf(kind, place).toLowerCase(),
    title,
    description: "Changes all the time.",
    categoryPath: ["Freshness"],
    attributes: [],
    imageUrls: [],
    variants: [{ sku: skuOf(kind, place), price: priceOf(-1) }],
  };
}

function unitsOf(place: number, delta: number) {
  return {
    sku: skuOf("stock", place),
    warehouseCode: "RNO",
    delta,
    reason: "freshness",
    idempotencyKey: randomUUID(),
  };
}
