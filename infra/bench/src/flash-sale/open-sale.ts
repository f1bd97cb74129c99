import { randomUUID } from "node:crypto";
import { z } from "zod";
import { fieldOf, type SaleGraph } from "./sale-graph.ts";

/** A planned sale. */
export type OpenedSale = { id: string; sku: string; units: number; price: number; startsAtMs: number };

const userErrors = z.array(z.object({ code: z.string(), message: z.string() })).length(0);
const signedIn = z.object({ session: z.object({ accessToken: z.string() }), userErrors });
const planned = z.object({ flashSale: z.object({ id: z.string() }), userErrors });

/** Price of a unit in USD cents: none that the generated catalogue has. */
const price = 777;

/** The demo's staff. */
export async function signInStaff(graph: SaleGraph): Promise<string> {
  const input = { email: "staff@shop.test", password: "demo-password-1" };
  return fieldOf(await graph.send("log-in", { input }), signedIn).session.accessToken;
}

/** Books the units in and plans a sale of them. Throws what staff would be answered. */
export async function openSale(
  graph: SaleGraph,
  staff: string,
  sale: { sku: string; units: number; startsAtMs: number; minutes: number } & Record<string, unknown>,
): Promise<OpenedSale> {
  const { sku, units, startsAtMs, minutes, ...more } = sale;
  const adjustment = {
    sku,
    warehouseCode: "RNO",
    delta: units,
    reason: "flash sale",
    idempotencyKey: randomUUID(),
  };
  fieldOf(await graph.send("stock-adjust", { input: adjustment }, staff), z.object({ userErrors }));
  const input = {
    ...{ sku, units, price: { amount: (price / 100).toFixed(2), currency: "USD" } },
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(startsAtMs + minutes * 60_000).toISOString(),
    ...more,
  };
  const answer = await graph.send("flash-sale-create", { input, idempotencyKey: randomUUID() }, staff);
  return { id: fieldOf(answer, planned).flashSale.id, sku, units, price, startsAtMs };
}
