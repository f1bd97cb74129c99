import type { Identity, Postgres } from "@shop/service";
import { isCurrency, newId, secretId } from "@shop/values";
import { addLines, type LineToAdd } from "./domain/add-lines.ts";
import { newCart, withLines, type Cart, type Refusal } from "./domain/cart.ts";
import type { Answer } from "./edit-cart.ts";
import {
  keyReused,
  receiptOf,
  refuseAnonymousKey,
  refuseKey,
  replayOf,
  type Repeatable,
} from "./idempotency.ts";
import { earlierOutcome, onceInPostgres, type Outcome } from "./once-in-postgres.ts";
import type { Store } from "./store/index.ts";
import { isCurrencyOffered } from "./store/variants.ts";

export type NewCartAsk = {
  identity: Identity;
  currency: string;
  lines: readonly LineToAdd[];
  key: string | undefined;
};

/** Begins a cart; a customer's becomes their current one. */
export async function createCart(
  pg: Postgres,
  store: Store,
  shopCurrency: string,
  ask: NewCartAsk,
): Promise<Answer> {
  const { identity, currency, lines, key } = ask;
  const refuse = identity.kind === "user" ? refuseKey : refuseAnonymousKey;
  const refusals = refuse(key, ["input", "idempotencyKey"]);
  if (refusals.length > 0) return { cart: undefined, refusals };
  const repeatable = { operation: "cartCreate", key, input: { currency, lines } };
  const customerId = identity.kind === "user" ? identity.userId : null;
  const id = secretId("cart");
  const fresh = async () => {
    if (currency !== shopCurrency && !(isCurrency(currency) && (await isCurrencyOffered(pg, currency)))) {
      return { refusals: [notOffered(currency)] };
    }
    return await filled(store, { id, currency, customerId }, lines);
  };
  return customerId === null
    ? await createGuestCart(store, identity, receiptOf("anonymous", repeatable, id), fresh)
    : await createCustomerCart(pg, store, { ...repeatable, caller: customerId }, fresh);
}

type Fresh = () => Promise<{ cart: Cart; refusals?: undefined } | { refusals: Refusal[] }>;

async function createGuestCart(
  { guests }: Store,
  identity: Identity,
  receipt: ReturnType<typeof receiptOf>,
  fresh: Fresh,
): Promise<Answer> {
  const earlier = receipt && (await guests.findReceipt(receipt.key));
  if (receipt && earlier) return await repeat(earlier, receipt);
  const created = await fresh();
  if (created.refusals) return { cart: undefined, refusals: created.refusals };
  const committed = await guests.commit(created.cart, { client: identity.client }, receipt);
  if (committed.outcome === "done") return { cart: created.cart, refusals: [] };
  if (committed.outcome === "recorded" && receipt) return await repeat(committed.value, receipt);
  throw new Error(`a new cart could not be written: ${committed.outcome}`);

  async function repeat(recorded: string, own: { value: string }): Promise<Answer> {
    const cartId = replayOf(recorded, own);
    if (!cartId) return { cart: undefined, refusals: [reusedInInput] };
    return { cart: (await guests.find(cartId)).cart, refusals: [] };
  }
}

async function createCustomerCart(
  pg: Postgres,
  store: Store,
  ask: Repeatable & { caller: string },
  fresh: Fresh,
): Promise<Answer> {
  const earlier = await earlierOutcome(pg, ask);
  if (earlier) return await repeat(earlier);
  const created = await fresh();
  if (created.refusals) return { cart: undefined, refusals: created.refusals };
  const { cart } = created;
  const outcome = await onceInPostgres(pg, ask, async (tx) => {
    await store.customers.insert(tx, { ...cart, customerId: ask.caller });
    return { cartId: cart.id, refusals: [] };
  });
  return outcome.cartId === cart.id ? { cart, refusals: [] } : await repeat(outcome);

  async function repeat({ cartId, refusals }: Outcome): Promise<Answer> {
    if (refusals.length > 0) return { cart: undefined, refusals: [reusedInInput] };
    return { cart: await store.customers.find(cartId), refusals: [] };
  }
}

async function filled(
  store: Store,
  start: { id: string; currency: string; customerId: string | null },
  lines: readonly LineToAdd[],
) {
  const now = new Date();
  const cart = newCart({ ...start, now });
  if (lines.length === 0) return { cart: withLines(cart, [], now) };
  const variants = await store.variants.variantsOf(lines.map((line) => line.sku));
  const edit = addLines(cart, lines, { variants, now, newLineId: () => newId("line") });
  if (!edit.refusals) return edit;
  return { refusals: edit.refusals.map((it) => ({ ...it, field: ["input", ...(it.field ?? [])] })) };
}

const reusedInInput: Refusal = { ...keyReused, field: ["input", "idempotencyKey"] };
const notOffered = (currency: string): Refusal => ({
  code: "CURRENCY_NOT_SUPPORTED",
  message: `Nothing has a price in "${currency.slice(0, 10)}".`,
  field: ["input", "currency"],
});
