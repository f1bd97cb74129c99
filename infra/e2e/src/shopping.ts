import { randomUUID } from "node:crypto";
import { eventually } from "@shop/testkit/eventually";
import type { DataOf } from "./answer.ts";
import type { CheckoutInput, OrderStatus } from "./generated/operations.ts";
import type { Shopper } from "./shopper.ts";

export const address = {
  name: "Ada Shopper",
  line1: "1 Main Street",
  city: "Reno",
  region: "NV",
  postalCode: "89501",
  country: "US",
};

/** A fresh idempotency key. */
export const key = (): string => randomUUID();

/** Logs in and gives the access token. */
export async function logIn(guest: Shopper, email: string): Promise<string> {
  const payload = await guest.carryOut("log-in", { input: { email, password: "demo-password-1" } });
  return payload.session.accessToken;
}

/** Waits until the gateway says that all subgraphs serve. Fails when for 30 s nothing more of them comes up. */
export async function untilReady(url: string): Promise<void> {
  let seen = "";
  const isReady = async () => {
    const answer = await fetch(new URL("/readyz", url)).catch((error: unknown) => String(error));
    seen = typeof answer === "string" ? answer : `${answer.status} ${await answer.text()}`;
    return typeof answer !== "string" && answer.status === 200;
  };
  await eventually(isReady, "the shop is not ready", { withinMs: 30_000, progress: () => seen });
}

type Stocked = { title: string; variants: { sku: string; availability: { quantity: number } }[] };

/** Variants of which at least `minUnits` can be bought: SKU, and title of the product. */
export async function plentyOf(
  guest: Shopper,
  count: number,
  minUnits = 20,
): Promise<{ sku: string; product: string }[]> {
  const { search } = await guest.get(
    `{ search(first: 60, filters: { inStock: true }) { nodes { id title variants { sku availability { quantity } } } } }`,
  );
  const plenty = (search.nodes as Stocked[]).flatMap(({ title, variants }) =>
    variants
      .filter(({ availability }) => availability.quantity >= minUnits)
      .map(({ sku }) => ({ sku, product: title })),
  );
  if (plenty.length < count) throw new Error(`expected ${count} variants in stock, found ${plenty.length}`);
  return plenty.slice(0, count);
}

/** The input of a checkout that pays by card, but for its key. */
export type ReadyCart = Omit<CheckoutInput, "idempotencyKey"> & { cartVersion: number; email: string };

/** A cart with these SKUs, ready to check out. */
export async function readyCart(who: Shopper, skus: string[], quantity = 1): Promise<ReadyCart> {
  const lines = skus.map((sku) => ({ sku, quantity }));
  const { cart } = await who.carryOut("cart-create", { input: { lines } });
  return {
    cartId: cart.id,
    cartVersion: cart.version,
    email: "guest@shop.test",
    shippingAddress: address,
    shippingOptionId: "standard",
    paymentMethod: { token: "pm_card_visa" },
  };
}

/** Waits until the order is in one of these statuses; gives the order page. Fails when it stands still for 30 s. */
export async function untilOrder(
  who: Shopper,
  id: string,
  token: string | null,
  statuses: readonly OrderStatus[],
  withinMs = 30_000,
): Promise<DataOf<"order-page">["order"]> {
  let seen: unknown;
  const order = async () => {
    const { data, errors } = await who.send("order-page", { id, token });
    seen = errors?.map(({ message }) => message) ?? {
      status: data.order?.status,
      reason: data.order?.statusReason,
    };
    return statuses.includes(data?.order?.status) ? data.order : undefined;
  };
  return await eventually(order, `order ${id} is not ${statuses.join(" or ")}`, {
    withinMs,
    progress: () => seen,
  });
}
