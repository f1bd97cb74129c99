import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { event, openPostgres } from "@shop/service";
import {
  customer,
  eventually,
  startTestService,
  stubService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import search from "../src/main.ts";
import { aProduct, purchaseOf } from "./snapshots.ts";

const opened = new AsyncDisposableStack();
const catalog = ["bowl", "dish", "plate"].map((name) =>
  aProduct(name, { title: `Clay ${name}`, brand: name === "dish" ? "Terra" : "Argil" }),
);
let stores: TestStores;
let folder: string;
let service: TestService;

beforeAll(async () => {
  stores = opened.use(await testStores());
  folder = await mkdtemp(join(tmpdir(), "shop-search-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const products = async () => ({ products: catalog, isLast: true });
  const stock = async () => ({ stock: [], isLast: true });
  opened.use(await stubService(stores, "catalog", { "catalog.products": products }));
  opened.use(await stubService(stores, "inventory", { "inventory.stock": stock }));
  service = opened.use(
    await startTestService(search, { stores, env: { SEARCH_DATA_FOLDER: join(folder, "index") } }),
  );
  await eventually(async () => (await found({})).length === 3);
});
afterAll(() => opened.disposeAsync());

const searching = `query ($query: String, $filters: SearchFilters) { search(query: $query, filters: $filters) { nodes { id } } }`;
// Of another filter each time, however often it is asked, so that no cache answers.
let asked = 0;
async function found(
  variables: { query?: string },
  as?: Parameters<TestService["graphql"]>[2],
): Promise<string[]> {
  const filters = { priceMax: String(1_000_000 + ++asked) };
  const { data, errors } = await service.graphql(searching, { filters, ...variables }, as);
  if (errors) throw new Error(errors[0]?.message);
  return data?.["search"].nodes.map(({ id }: { id: string }) => id);
}
const readiness = async () => {
  const answer = await fetch(`${service.url}/readyz`);
  return (await answer.json()) as { status: string; troubles: Record<string, string> };
};

test("a lost index loses no popularity, and a purchase that is delivered twice counts once", async () => {
  const { sql } = service.kit.pg;
  const purchase = await service.publish(purchaseOf("dish", "usr_ann"));
  await eventually(async () => (await found({}))[0] === "prd_dish");
  const [before] = await sql`select score from popularity`;
  await service.republish(purchase);
  await service.publish(purchaseOf("plate", "usr_ann"));
  await eventually(async () => (await found({}))[1] === "prd_plate");
  expect((await sql`select score from popularity where product_id = 'prd_dish'`)[0]).toEqual(before);
  await rm(join(folder, "index"), { recursive: true });
  await eventually(async () => (await readiness()).troubles["index"] !== undefined);
  await eventually(async () => (await readiness()).status === "ready");
  const browsed = await found({});
  expect(browsed.slice(0, 2).toSorted()).toEqual(["prd_dish", "prd_plate"]);
  expect(browsed[2]).toBe("prd_bowl");
});

test("a view of what is no product is not published", async () => {
  const view = (productId: string) =>
    service.graphql(
      `mutation ($productId: ID!) { productView(productId: $productId) { product { id } } }`,
      { productId },
      customer("usr_inventor"),
    );
  await view("prd_invented");
  await view("prd_bowl");
  const { data } = await service.waitForEvent("ProductsViewed");
  expect(data.views.map(({ productId }) => productId)).toEqual(["prd_bowl"]);
});

test("popularity that a crash left behind is indexed afterwards", async () => {
  const { sql } = service.kit.pg;
  // As the handler commits it, when the process dies before the index has it.
  await sql`insert into popularity (product_id, score) values ('prd_bowl', 1e9)
            on conflict (product_id) do update set score = 1e9, is_indexed = false`;
  await eventually(async () => (await found({}))[0] === "prd_bowl");
  await eventually(async () => (await sql`select 1 from popularity where not is_indexed`).length === 0);
});

test("without its Postgres search answers, without preferences and popular queries, and says so", async () => {
  const { sql: admin } = opened.use(
    openPostgres(new URL("/postgres", service.databaseUrl).href, { service: "test" }),
  );
  const database = new URL(service.databaseUrl).pathname.slice(1);
  const fan = customer("usr_fan");
  await admin.unsafe(`alter database ${database} with allow_connections false`);
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database}`;
  await eventually(async () => (await readiness()).troubles["postgres"] !== undefined);
  expect((await readiness()).status).toBe("degraded");
  expect(await found({ query: "clay dish" }, fan)).toContain("prd_dish");
  const { data } = await service.graphql(`{ searchSuggestions(prefix: "cla") { queries products { id } } }`);
  expect(data?.["searchSuggestions"].queries).toEqual(["clay"]);
  expect(data?.["searchSuggestions"].products).toHaveLength(3);
  await admin.unsafe(`alter database ${database} with allow_connections true`);
  await eventually(async () => (await readiness()).status === "ready");
  const product = aProduct("jug", { title: "Clay jug" });
  await service.publish(
    event("ProductPublished", { aggregateId: product.productId, version: 1, data: { product } }),
  );
  await eventually(async () => (await found({ query: "jug" })).length === 1);
});
