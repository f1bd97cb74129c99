import type { Identity } from "@shop/service";
import { checkIdempotencyKey, isCurrency, newId, secretId, userError } from "@shop/values";
import type { Deps } from "../deps.ts";
import { addLines, type LineToAdd } from "../domain/add-lines.ts";
import { newCart, withLines, type Cart, type UserError } from "../domain/cart.ts";
import type { Store } from "../store/index.ts";
import { isCurrencyOffered } from "../store/variants.ts";
import type { CartResult } from "./edit-cart.ts";
import {
  checkGuestKey,
  keyReused,
  recordOfNewCart,
  replayOf,
  type IdempotentCommand,
} from "./idempotency-record.ts";
import { earlierChange, idempotentChange, type ChangeAnswer } from "./idempotent-change.ts";

export type CreateCommand = {
  identity: Identity;
  currency: string;
  lines: readonly LineToAdd[];
  key: string | undefined;
};

/** Creates a cart; a customer's becomes their current one. */
export async function createCart(deps: Deps, command: CreateCommand): Promise<CartResult> {
  const { pg, store, shopCurrency, isShippedIn } = deps;
  const { identity, currency, lines, key } = command;
  const check = identity.kind === "user" ? checkIdempotencyKey : checkGuestKey;
  const errors = check(key, ["input", "idempotencyKey"]);
  if (errors.length > 0) return { cart: undefined, errors };
  const customerId = identity.kind === "user" ? identity.userId : null;
  const id = secretId("cart");
  const build = async (): Promise<NewCart> => {
    if (currency !== shopCurrency) {
      if (!isCurrency(currency) || !(await isCurrencyOffered(pg, currency)))
        return { errors: [refusedCurrency(`Nothing has a price in "${currency.slice(0, 10)}".`)] };
      if (!(await isShippedIn(currency, identity)))
        return { errors: [refusedCurrency(`Nothing is shipped at prices in ${currency}.`)] };
    }
    return await filled(store, { id, currency, customerId }, lines);
  };
  const idempotentCommand = { operation: "cartCreate", key, input: { currency, lines } };
  return customerId === null
    ? await createGuestCart(store, identity, recordOfNewCart(idempotentCommand, id), build)
    : await createCustomerCart(deps, { ...idempotentCommand, caller: customerId }, build);
}

type NewCart = { cart: Cart; errors?: undefined } | { errors: UserError[] };

async function createGuestCart(
  { guests }: Store,
  identity: Identity,
  record: ReturnType<typeof recordOfNewCart>,
  build: () => Promise<NewCart>,
): Promise<CartResult> {
  const earlier = record && (await guests.findRecord(record.key));
  if (record && earlier) return await replay(earlier, record);
  const created = await build();
  if (created.errors) return { cart: undefined, errors: created.errors };
  const committed = await guests.commit(created.cart, { client: identity.client }, record);
  if (committed.outcome === "done") return { cart: created.cart, errors: [] };
  if (committed.outcome === "recorded" && record) return await replay(committed.value, record);
  throw new Error(`a new cart could not be written: ${committed.outcome}`);

  async function replay(recorded: string, own: { value: string }): Promise<CartResult> {
    const cartId = replayOf(recorded, own);
    if (!cartId) return { cart: undefined, errors: [reusedInInput] };
    return { cart: (await guests.find(cartId)).cart, errors: [] };
  }
}

async function createCustomerCart(
  { pg, store }: Deps,
  command: IdempotentCommand & { caller: string },
  build: () => Promise<NewCart>,
): Promise<CartResult> {
  const earlier = await earlierChange(pg, command);
  if (earlier) return await replay(earlier);
  const created = await build();
  if (created.errors) return { cart: undefined, errors: created.errors };
  const { cart } = created;
  const answer = await idempotentChange(pg, command, async (tx) => {
    await store.customers.insert(tx, { ...cart, customerId: command.caller });
    return { cartId: cart.id, errors: [] };
  });
  return answer.cartId === cart.id ? { cart, errors: [] } : await replay(answer);

  async function replay({ cartId, errors }: ChangeAnswer): Promise<CartResult> {
    if (errors.length > 0) return { cart: undefined, errors: [reusedInInput] };
    return { cart: await store.customers.find(cartId), errors: [] };
  }
}

async function filled(
  store: Store,
  start: { id: string; currency: string; customerId: string | null },
  lines: readonly LineToAdd[],
): Promise<NewCart> {
  const now = new Date();
  const cart = newCart({ ...start, now });
  if (lines.length === 0) return { cart: withLines(cart, [], now) };
  const variants = await store.variants.variantsOf(lines.map((line) => line.sku));
  const edit = addLines(cart, lines, { variants, now, newLineId: () => newId("line") });
  if (!edit.errors) return edit;
  return { errors: edit.errors.map((it) => ({ ...it, field: ["input", ...(it.field ?? [])] })) };
}

const reusedInInput: UserError = { ...keyReused, field: ["input", "idempotencyKey"] };
const refusedCurrency = (message: string) =>
  userError("CURRENCY_NOT_SUPPORTED", message, ["input", "currency"]);
