import { randomUUID } from "node:crypto";
import { eventually } from "@shop/testkit/eventually";
import { noteRefusals } from "@shop/testkit/refusals";
import { readOperation } from "@shop/values/operations";
import { createClient, type Client } from "graphql-ws";
import { Pool } from "undici";
import { WebSocket } from "ws";

// oxlint-disable-next-line typescript/no-explicit-any -- a story looks wherever it likes into an answer
type Data = any;

/** What the graph answered. */
export type Answer = {
  data: Data;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
};

/** Somebody who uses the shop over its public API, as a front-end would. */
export type Shopper = {
  /** Sends an operation of schema/operations by its name, or a document of the story's own. */
  send(operation: string, variables?: object): Promise<Answer>;
  /** Sends and expects no errors. */
  get(operation: string, variables?: object): Promise<Data>;
  /** Sends a mutation and gives the payload of its one field; throws what was refused: errors, user errors or problems. */
  carryOut(operation: string, variables?: object): Promise<Data>;
  subscribe(operation: string, variables: object): Feed;
  /** The same shop, as somebody else. */
  as(token: string | undefined): Shopper;
  close(): Promise<void>;
};

/** What a subscription pushes. */
export type Feed = {
  /** All pushes so far. */
  pushes: Answer[];
  /** Waits until a push is such; gives it. Fails when none comes for 30 s, and at once when none can come any more. */
  until(isIt: (push: Answer) => boolean): Promise<Answer>;
  /** Whether the shop has ended it. */
  isOver: () => boolean;
  failure: () => unknown;
  stop(): void;
};

export const address = {
  name: "Ada Shopper",
  line1: "1 Main Street",
  city: "Reno",
  region: "NV",
  postalCode: "89501",
  country: "US",
};

/** Somebody at the door: a guest unless a token is given. */
export function shopper(url: string, token?: string, shared?: Pool): Shopper {
  const target = new URL(url);
  const pool = shared ?? new Pool(target.origin, { connections: 64 });
  const sockets: Client[] = [];
  const documentOf = (text: string) => (/[{\s]/.test(text) ? text : readOperation(text));

  const send = async (text: string, variables: object = {}): Promise<Answer> => {
    const response = await pool.request({
      path: target.pathname,
      method: "POST",
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query: documentOf(text), variables }),
    });
    const answer = (await response.body.json()) as Answer;
    noteRefusals(documentOf(text), answer);
    return answer;
  };

  const get = async (text: string, variables?: object): Promise<Data> => {
    const answer = await send(text, variables);
    if (answer.errors) throw new Error(`${text}: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };

  return {
    send,
    get,
    async carryOut(text, variables) {
      const [payload] = Object.values((await get(text, variables)) as Record<string, Data>);
      const refusals = [...(payload?.userErrors ?? []), ...(payload?.problems ?? [])];
      if (refusals.length > 0) throw new Error(`${text} was refused: ${JSON.stringify(refusals)}`);
      return payload;
    },
    subscribe(text, variables) {
      const client = createClient({
        url: url.replace(/^http/, "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        ...(token ? { connectionParams: { authorization: `Bearer ${token}` } } : {}),
      });
      sockets.push(client);
      return feedOf(client, documentOf(text), variables);
    },
    as: (other) => shopper(url, other, pool),
    async close() {
      for (const socket of sockets) await socket.dispose();
      if (!shared) await pool.destroy();
    },
  };
}

/** Logs in and gives the access token. */
export async function logIn(guest: Shopper, email: string): Promise<string> {
  const payload = await guest.carryOut("log-in", { input: { email, password: "demo-password-1" } });
  return payload.session.accessToken as string;
}

/** Waits until the gateway says that all subgraphs serve. Fails when for 30 s nothing more of them comes up. */
export async function untilReady(url: string): Promise<void> {
  let said = "";
  const isReady = async () => {
    const answer = await fetch(new URL("/readyz", url)).catch((error: unknown) => String(error));
    said = typeof answer === "string" ? answer : `${answer.status} ${await answer.text()}`;
    return typeof answer !== "string" && answer.status === 200;
  };
  await eventually(isReady, "the shop is not ready", { withinMs: 30_000, progress: () => said });
}

/** A fresh idempotency key. */
export const key = (): string => randomUUID();

/** Variants that can be bought in plenty: sku, variant id, price. */
export async function plentyOf(
  guest: Shopper,
  count: number,
  least = 20,
): Promise<{ sku: string; product: string }[]> {
  const { search } = await guest.get(
    `{ search(first: 60, filters: { inStock: true }) { nodes { id title variants { sku availability { quantity } } } } }`,
  );
  const variants = (search.nodes as Data[]).flatMap((product) =>
    (product.variants as Data[]).map((variant) => ({ ...variant, product: product.title as string })),
  );
  const plenty = variants.filter((variant) => variant.availability.quantity >= least);
  if (plenty.length < count) throw new Error(`expected ${count} variants in stock, found ${plenty.length}`);
  return plenty.slice(0, count).map(({ sku, product }) => ({ sku, product }));
}

/** A cart with these lines, ready to check out: the input but for the key. */
export async function readyCart(who: Shopper, skus: string[], quantity = 1): Promise<Record<string, Data>> {
  const lines = skus.map((sku) => ({ sku, quantity }));
  const cartCreate = await who.carryOut("cart-create", { input: { lines } });
  return {
    cartId: cartCreate.cart.id,
    cartVersion: cartCreate.cart.version,
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
  statuses: string[],
  withinMs = 30_000,
) {
  let seen: Data;
  const order = async (): Promise<Data> => {
    const { data, errors } = await who.send("order-page", { id, token });
    seen = errors?.map(({ message }) => message) ?? {
      status: data.order?.status,
      reason: data.order?.statusReason,
    };
    return statuses.includes(data?.order?.status) && data.order;
  };
  return await eventually(order, `order ${id} is not ${statuses.join(" or ")}`, {
    withinMs,
    progress: () => seen,
  });
}

const longestSilenceMs = 30_000;

function feedOf(client: Client, query: string, variables: object): Feed {
  const pushes: Answer[] = [];
  const waiting = new Set<() => void>();
  let failure: unknown;
  let isOver = false;
  const wake = () => {
    for (const tell of waiting) tell();
  };
  const stop = client.subscribe(
    { query, variables: variables as Record<string, unknown> },
    {
      next(push) {
        pushes.push(push as unknown as Answer);
        wake();
      },
      error(error) {
        failure = error;
        isOver = true;
        wake();
      },
      complete() {
        isOver = true;
        wake();
      },
    },
  );
  return {
    pushes,
    stop,
    failure: () => failure,
    isOver: () => isOver,
    until: (isIt) =>
      new Promise((resolve, reject) => {
        const giveUp = () => finish(new Error(`no such push; so far: ${JSON.stringify(pushes)}`));
        let timer = setTimeout(giveUp, longestSilenceMs);
        const finish = (result: Answer | Error) => {
          clearTimeout(timer);
          waiting.delete(look);
          if (result instanceof Error) reject(result);
          else resolve(result);
        };
        const look = () => {
          clearTimeout(timer);
          timer = setTimeout(giveUp, longestSilenceMs);
          const found = pushes.find(isIt);
          if (found) finish(found);
          else if (failure) finish(new Error("the subscription failed", { cause: failure }));
          else if (isOver || pushes.some(({ data, errors }) => errors && !data))
            finish(new Error(`the subscription ended; so far: ${JSON.stringify(pushes)}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
