import { createHash } from "node:crypto";
import { newId, secretId } from "@shop/values";
import { importJWK, SignJWT } from "jose";
import postgres from "postgres";
import { z } from "zod";
import { loadSecrets } from "../launcher/secrets.ts";
import type { ShopStatus } from "../launcher/shop-file.ts";

/** A customer for load: signed in, and with a cart if one was wanted. */
export type MadeCustomer = { userId: string; email: string; accessToken: string; cartId: string };

/** Access tokens of an hour, so that a long run needs no refresh. */
const tokenLifeS = 3600;

/**
 * Writes customers straight into the databases of a shop of one's own, with sessions, access tokens by the shop's key and carts
 * of one unit of the SKU: 20,000 in seconds, where argon2id alone would take a quarter of an hour. They can't log in, because
 * they have no password. For benches and stories; cart must know the SKU.
 */
export async function makeCustomers(input: {
  dataFolder: string;
  status: ShopStatus;
  count: number;
  sku: string;
}): Promise<MadeCustomer[]> {
  const { dataFolder, status, count, sku } = input;
  const customers = Array.from({ length: count }, () => {
    const userId = newId("usr");
    const sessionId = secretId("ses");
    return {
      userId,
      sessionId,
      email: `${userId}@load.test`,
      cartId: secretId("cart"),
      lineId: newId("line"),
    };
  });
  await inDatabase(status, "account", async (sql) => {
    await sql`
      insert into users (id, email, name, password_hash, roles)
      select id, email, 'Load', 'none', '{CUSTOMER}'
      from unnest(${customers.map((one) => one.userId)}::text[], ${customers.map((one) => one.email)}::text[]) as made (id, email)`;
    await sql`
      insert into sessions (id, user_id, expires_at) select id, user_id, now() + interval '1 hour'
      from unnest(${customers.map((one) => one.sessionId)}::text[], ${customers.map((one) => one.userId)}::text[]) as made (id, user_id)`;
  });
  await inDatabase(status, "cart", async (sql) => {
    const [variant] = await sql<{ variantId: string; price: { amount: number; currency: string } }[]>`
      select variant_id as "variantId", prices -> 0 as price from variants where sku = ${sku} and is_for_sale`;
    if (!variant) throw new Error(`cart doesn't sell ${sku}`);
    const { variantId, price } = variant;
    const line = { sku, variantId, quantity: 1, priceWhenAdded: price };
    await sql`
      insert into carts (id, customer_id, version, currency, lines, updated_at)
      select id, customer_id, 1, ${price.currency}, jsonb_build_array(${sql.json(line)}::jsonb || jsonb_build_object('id', line_id)), now()
      from unnest(${customers.map((one) => one.cartId)}::text[], ${customers.map((one) => one.userId)}::text[],
        ${customers.map((one) => one.lineId)}::text[]) as made (id, customer_id, line_id)`;
  });
  const sign = await openSigner(dataFolder);
  return await Promise.all(
    customers.map(async ({ userId, sessionId, email, cartId }) => {
      const sid = createHash("sha256").update(sessionId).digest("base64url");
      return { userId, email, cartId, accessToken: await sign(userId, email, sid) };
    }),
  );
}

/** A service's database, as the administrator of the shop's Postgres. */
async function inDatabase(
  status: ShopStatus,
  owner: string,
  work: (sql: postgres.Sql) => Promise<void>,
): Promise<void> {
  const url = new URL(status.stores.postgres);
  url.pathname = `/shop_${owner}`;
  const sql = postgres(url.href, { max: 1 });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}

/** Signs access tokens as account does. */
async function openSigner(dataFolder: string) {
  const { jwtPrivateJwk } = await loadSecrets(dataFolder);
  const { kid, ...jwk } = z.looseObject({ kid: z.string() }).parse(JSON.parse(jwtPrivateJwk));
  const key = await importJWK(jwk, "EdDSA");
  return (userId: string, email: string, sid: string): Promise<string> =>
    new SignJWT({ roles: ["CUSTOMER"], email, sid })
      .setProtectedHeader({ alg: "EdDSA", kid })
      .setIssuer("shop")
      .setAudience("shop-api")
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(`${tokenLifeS}s`)
      .sign(key);
}
