import { eventually } from "@shop/testkit";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startShop, type StartedShop } from "@shop/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkInvariants } from "../src/check-invariants.ts";
import { withDatabases } from "../src/invariants/read-shop.ts";
import type { OrderStatus } from "../src/generated/operations.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { shopper, type Shopper } from "../src/shopper.ts";
import { key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";

type Placed = { id: string; token: string };
const ended: OrderStatus[] = ["CONFIRMED", "REJECTED", "CANCELLED", "EXPIRED"];

let open: OpenShop;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-backup-"));
  open = await openShop();
});
afterAll(async () => {
  await open.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a script as npm does. */
function run(script: "backup" | "restore", ...args: string[]): Promise<{ code: number; said: string }> {
  const file = fileURLToPath(new URL(`../../stack/src/${script}.ts`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { timeout: 120_000 }, (error, out, complaint) =>
      resolve({ code: error ? Number(error.code) : 0, said: out + complaint }),
    );
  });
}

async function place(guest: Shopper, sku: string): Promise<Placed> {
  const input = { ...(await readyCart(guest, [sku])), idempotencyKey: key() };
  const { data } = await guest.send("checkout-lean", { input });
  return { id: data?.checkout.order.id, token: data?.checkout.orderToken };
}

async function placeAndWait(guest: Shopper, sku: string): Promise<Placed> {
  const placed = await place(guest, sku);
  await untilOrder(guest, placed.id, placed.token, ended, 60_000);
  return placed;
}

/** What is wrong a while after the shop has opened, but for payments of orders that it can't know. */
async function wrongIn(shop: StartedShop, lost: ReadonlySet<string>): Promise<string[]> {
  for (const until = Date.now() + 90_000; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
    const wrong = (await checkInvariants(await shop.status())).filter(
      (one) => !(one.startsWith("I13: ") && [...lost].some((intent) => one.includes(intent))),
    );
    if (wrong.length === 0 || Date.now() > until) return wrong;
  }
}

async function intentsOf(shop: StartedShop): Promise<Map<string, string>> {
  const rows = await withDatabases(
    await shop.status(),
    ({ payment }) => payment<{ order: string; intent: string }[]>`
      select order_id as order, intent_id as intent from payments where intent_id is not null`,
  );
  return new Map(rows.map(({ order, intent }) => [order, intent]));
}

async function refundedIntents(shop: StartedShop): Promise<string[]> {
  const { stripe } = await shop.status();
  const headers = { authorization: "Bearer sk_test_check" };
  const answer = await fetch(`${stripe?.url}/v1/refunds?limit=100`, { headers });
  return ((await answer.json()) as { data: { payment_intent: string }[] }).data.map(
    (one) => one.payment_intent,
  );
}

describe("a shop that is set back to a backup", () => {
  let backup: string;
  let before: Placed[];
  let during: Placed[];
  let late: Placed[];
  let lost: Set<string>;
  let cartId: string;
  beforeAll(async () => {
    const { guest, shop, dataFolder } = open;
    const skus = (await plentyOf(guest, 10, 30)).map(({ sku }) => sku);
    const sku = (n: number) => skus[n % skus.length] ?? "";
    before = await Promise.all(Array.from({ length: 10 }, (_, n) => placeAndWait(guest, sku(n))));
    cartId = (await readyCart(guest, [sku(0)]))["cartId"];
    backup = path.join(folder, "backup");
    const rush = Array.from({ length: 40 }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, n * 50));
      return await place(guest, sku(n));
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const made = await run("backup", "--data", dataFolder, "--to", backup);
    if (made.code !== 0) throw new Error(made.said);
    during = await Promise.all(rush);
    late = await Promise.all(Array.from({ length: 5 }, (_, n) => placeAndWait(guest, sku(n))));
    for (const { id, token } of during) await untilOrder(guest, id, token, ended, 60_000);
    const intents = await intentsOf(shop);
    lost = new Set([...late, ...during].flatMap(({ id }) => intents.get(id) ?? []));
  }, 180_000);

  test("the backup is for its owner alone and says what it is", async () => {
    const about = JSON.parse(await readFile(path.join(backup, "backup.json"), "utf8")) as object;
    expect(about).toMatchObject({
      format: 1,
      release: "0.1.0",
      postgres: "18",
      wasRunning: true,
      products: 200,
    });
    const readable: string[] = [];
    for (const file of [".", ...(await readdir(backup, { recursive: true }))])
      if (((await stat(path.join(backup, file))).mode & 0o077) !== 0) readable.push(file);
    expect(readable).toEqual([]);
  });

  test("a running shop is not replaced, nor one that is there without being asked to, nor by what is no backup", async () => {
    const into = (...args: string[]) => run("restore", backup, "--data", ...args);
    expect(await into(open.dataFolder, "--replace")).toMatchObject({
      code: 1,
      said: expect.stringContaining("already runs on"),
    });
    const other = path.join(folder, "other");
    expect(await run("restore", other, "--data", path.join(folder, "none"))).toMatchObject({
      code: 1,
      said: expect.stringContaining("is no backup"),
    });
    expect(await run("backup", "--data", other)).toMatchObject({
      code: 1,
      said: expect.stringContaining("has no shop"),
    });
    expect(await run("backup", "--data", open.dataFolder, "--to", backup)).toMatchObject({
      code: 1,
      said: expect.stringContaining("is there already"),
    });
  });

  test("opens elsewhere with all orders and carts of then, and the invariants hold but for payments it can't know", async () => {
    await open.shop.stop();
    const dataFolder = path.join(folder, "restored");
    // The provider is the outside world: it remembers what happened after the backup.
    const done = await run("restore", backup, "--data", dataFolder, "--stand-in-of", open.dataFolder);
    expect(done).toMatchObject({ code: 0, said: expect.stringContaining("The shop is as it was at") });
    expect(await run("restore", backup, "--data", dataFolder)).toMatchObject({
      code: 1,
      said: expect.stringContaining("--replace"),
    });
    await using shop = await startShop({ dataFolder, products: 200, env: { LIMITS: "off" } });
    const guest = shopper(shop.url);
    for (const { id, token } of before)
      await untilOrder(guest, id, token, [...ended, "SHIPPED", "DELIVERED"]);
    const { cart } = await guest.get(`query($id: ID!) { cart(id: $id) { lines { quantity } } }`, {
      id: cartId,
    });
    expect(cart).toMatchObject({ lines: [{ quantity: 1 }] });

    const known = await intentsOf(shop);
    const kept = during.filter(({ id }) => known.has(id));
    for (const { id } of kept) lost.delete(known.get(id) ?? "");
    for (const { id, token } of late) {
      const { data } = await guest.send("order-page", { id, token });
      expect(data?.order).toBeNull();
    }
    expect(await wrongIn(shop, lost)).toEqual([]);

    // Money that customers paid for orders which are gone: kept, and listed for staff.
    const staff = guest.as(await logIn(guest, "staff@shop.test"));
    // The reconciler finds them at its next look at the provider.
    await eventually(
      async () => {
        const { parkedPayments } = await staff.get(`{ parkedPayments { orderId } }`);
        const parked = (parkedPayments as { orderId: string }[]).map(({ orderId }) => orderId);
        expect(parked).toEqual(expect.arrayContaining(late.map(({ id }) => id)));
        return true;
      },
      "the payments younger than the backup are not parked",
      60_000,
    );
    expect(await refundedIntents(shop)).toEqual([]);

    await placeAndWait(guest, (await plentyOf(guest, 1, 30))[0]?.sku ?? "");
    expect(await wrongIn(shop, lost)).toEqual([]);
    await guest.close();
  }, 240_000);

  test("a backup of a shop that is stopped replaces it, and what was broken off is not opened", async () => {
    const dataFolder = path.join(folder, "restored");
    const cold = path.join(folder, "cold");
    expect(await run("backup", "--data", dataFolder, "--to", cold)).toMatchObject({ code: 0 });
    await writeFile(path.join(dataFolder, "restoring"), "");
    await expect(startShop({ dataFolder, products: 200 })).rejects.toThrow("was broken off");
    expect(await run("restore", cold, "--data", dataFolder, "--replace")).toMatchObject({ code: 0 });
    await using shop = await startShop({ dataFolder, products: 200, env: { LIMITS: "off" } });
    const guest = shopper(shop.url);
    for (const { id, token } of before)
      await untilOrder(guest, id, token, [...ended, "SHIPPED", "DELIVERED"]);
    expect(await wrongIn(shop, lost)).toEqual([]);
    await guest.close();
  }, 240_000);
});
