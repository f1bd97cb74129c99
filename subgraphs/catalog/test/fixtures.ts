import type { Identity, ServiceDefinition } from "@shop/service";
import { staff, startTestService, testStores, type TestService } from "@shop/testkit";
import { expect } from "vitest";
import catalog from "../src/main.ts";

/** A moderator. */
export const moderator: Identity = { kind: "user", userId: "usr_mod", roles: ["MODERATOR"] };

/** An amount in the shop's own currency. */
export const usd = (amount: string) => ({ amount, currency: "USD" });

/** A valid record of an import; `over` replaces fields. */
export const record = (id: string, over: object = {}) => ({
  externalId: id,
  title: `Product ${id}`,
  description: "Made for tests",
  brand: "Acme",
  categoryPath: ["Home", "Kitchen", "Pots"],
  attributes: [{ name: "Colour", value: "red" }],
  imageUrls: [`https://images.shop.test/${id}.jpg`],
  variants: [
    {
      sku: `SKU-${id}`,
      price: usd("19.99"),
      compareAtPrice: usd("24.99"),
      prices: [{ amount: "17.50", currency: "EUR" }],
      weightGrams: 1200,
    },
    { sku: `SKU-${id}-L`, title: "Large", price: usd("29.99") },
  ],
  ...over,
});

type UserError = { code: string; field: string[] };
type Imported = {
  results: {
    index: number;
    productId: string;
    outcome: string;
    overwrote: { field: string[]; sku: string | null; was: string | null }[];
    userErrors: UserError[];
  }[];
  userErrors: UserError[];
};

/** Catalog on real stores. `statements` has the SQL of its own loaders and store, without that of the kit's workers. */
export async function openCatalogShop() {
  await using opened = new AsyncDisposableStack();
  const stores = opened.use(await testStores());
  const statements: string[] = [];
  const shop: TestService = opened.use(await startTestService(counting(statements), { stores }));

  const importAll = async (records: object[]): Promise<Imported> => {
    const { data, errors } = await shop.graphql(
      `mutation ($input: ProductsImportInput!) { productsImport(input: $input) {
        results { index productId outcome overwrote { field sku was } userErrors { code field } } userErrors { code field } } }`,
      { input: { records } },
      staff,
    );
    expect(errors).toBeUndefined();
    return data?.["productsImport"];
  };
  const importOne = async (id: string, over: object = {}): Promise<string> => {
    const { results } = await importAll([record(id, over)]);
    expect(results[0]?.userErrors).toEqual([]);
    return results[0]?.productId ?? "";
  };
  const all = opened.move();
  return { shop, statements, importAll, importOne, close: () => all.disposeAsync() };
}

function counting(statements: string[]): ServiceDefinition {
  return {
    ...catalog,
    start(kit: Parameters<typeof catalog.start>[0]) {
      const sql = new Proxy(kit.pg.sql, {
        apply(target, self, args: [TemplateStringsArray, ...unknown[]]) {
          // Fragments are built by the same call; only whole statements count.
          if (/^\s*(select|with|insert|update)/.test(args[0][0] ?? "")) statements.push(args[0].join("?"));
          return Reflect.apply(target, self, args) as unknown;
        },
      });
      const pg = { ...kit.pg, sql };
      return catalog.start(Object.create(kit, { pg: { value: pg } }) as typeof kit);
    },
  };
}
