import { generateProducts } from "@shop/stack";
import { connect, type NatsConnection } from "nats";

type ProductRecord = ReturnType<typeof generateProducts> extends Generator<infer One> ? One : never;

/**
 * Answers for catalog and inventory over NATS with generated products, as the search service asks them when it fills its
 * index: a whole shop of a million products would take hours to load, and search would see the same.
 */
export async function standInForOwners(
  natsUrls: Record<"catalog" | "inventory", string>,
  products: number,
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const connectAs = async (owner: "catalog" | "inventory") => {
    const { host, username, password } = new URL(natsUrls[owner]);
    const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
    const nats = await connect({ servers: host, user, pass, inboxPrefix: `_INBOX.${owner}` });
    opened.defer(() => nats.drain());
    return nats;
  };
  // Each owner has a NATS account of its own.
  const [catalog, inventory] = [await connectAs("catalog"), await connectAs("inventory")];
  const answer = <T>(
    nats: NatsConnection,
    subject: string,
    list: () => Generator<T>,
    idOf: (one: T) => string,
    name: string,
  ) => {
    // Search requests the pages in order: generating the list from its beginning for each page would take hours.
    let place: { after: string | undefined; rest: Generator<T> } | undefined;
    nats.subscribe(subject, {
      callback: (_, message) => {
        const { asked } = message.json<{ asked: { after?: string; limit: number } }>();
        if (!place || place.after !== asked.after)
          place = { after: undefined, rest: after(list(), idOf, asked.after) };
        const page = [...take(place.rest, asked.limit)];
        const last = page.at(-1);
        place.after = last && idOf(last);
        const reply = { [name]: page, isLast: page.length < asked.limit };
        message.respond(JSON.stringify({ ok: true, reply }));
      },
    });
  };
  answer(
    catalog,
    "req.catalog.products",
    () => snapshots(products),
    ({ productId }) => productId,
    "products",
  );
  answer(
    inventory,
    "req.inventory.stock",
    () => stocks(products),
    ({ sku }) => sku,
    "stock",
  );
  return opened.move();
}

function* after<T>(list: Generator<T>, idOf: (one: T) => string, id: string | undefined): Generator<T> {
  let isBehind = id === undefined;
  for (const one of list) {
    if (isBehind) yield one;
    else isBehind = idOf(one) === id;
  }
}

function* take<T>(from: Generator<T>, count: number): Generator<T> {
  for (let taken = 0; taken < count; taken++) {
    const { value, done } = from.next();
    if (done) return;
    yield value;
  }
}

const firstCreatedMs = Date.UTC(2025, 0, 1);

function* snapshots(count: number) {
  let number = 0;
  for (const record of generateProducts(count)) {
    number++;
    const createdAt = new Date(firstCreatedMs + number * 1000).toISOString();
    yield {
      productId: productIdOf(number),
      version: 1,
      status: "PUBLISHED",
      slug: record.slug,
      title: record.title,
      description: record.description,
      brand: record.brand ?? null,
      categoryPath: record.categoryPath.map((name, at) => {
        const slug = record.categoryPath
          .slice(0, at + 1)
          .join("-")
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, "-");
        return { id: `cat_${slug}`, slug, name };
      }),
      attributes: record.attributes,
      imageUrls: record.imageUrls,
      variants: record.variants.map(variantOf),
      createdAt,
      updatedAt: createdAt,
    };
  }
}

function variantOf(variant: ProductRecord["variants"][number]) {
  return {
    variantId: `var_${variant.sku}`,
    sku: variant.sku,
    title: variant.title ?? "",
    attributes: variant.attributes ?? [],
    imageUrl: null,
    prices: [variant.price, ...(variant.prices ?? [])].map(({ amount, currency }) => ({
      amount: Math.round(Number(amount) * 100),
      currency,
    })),
    compareAtPrice: null,
    weightGrams: variant.weightGrams ?? 0,
  };
}

function* stocks(count: number) {
  let number = 0;
  for (const { variants } of generateProducts(count)) {
    number++;
    for (const { sku, units } of variants) {
      const available = Object.values(units).reduce((sum, some) => sum + some, 0);
      yield { sku, variantId: `var_${sku}`, productId: productIdOf(number), available, version: 1 };
    }
  }
}

function productIdOf(number: number): string {
  return `prd_${String(number).padStart(26, "0")}`;
}
