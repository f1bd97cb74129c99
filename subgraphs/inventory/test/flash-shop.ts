import { customer, eventually, staff, type TestService } from "@shop/testkit";
import { expect } from "vitest";
import { initiated } from "./builders.ts";
import type { StockedShop } from "./fixtures.ts";

export type Ticket = {
  id: string;
  status: string;
  position: number | null;
  holdExpiresAt: string | null;
  cursor: string;
};
type Sale = { id: string; status: string; startsAt: string; now: string; unitsLeft: number };
export type Entered = {
  ticket: Ticket | null;
  flashSale: Sale | null;
  userErrors: { code: string; message: string }[];
};

const ticketFields = "id status position holdExpiresAt cursor";
const saleFields = "id status startsAt endsAt now unitsTotal unitsLeft";

/** What customers and staff do in flash sales, through one or more instances of inventory. */
export function flashShop(shop: StockedShop, instances: readonly Pick<TestService, "graphql">[] = [shop]) {
  let turn = 0;
  const next = () => instances[turn++ % instances.length] as Pick<TestService, "graphql">;

  async function plan(sku: string, units: number, more: Record<string, unknown> = {}): Promise<string> {
    const { flashSale, userErrors } = await tryPlan(sku, units, more);
    expect(userErrors).toEqual([]);
    const id = flashSale?.id ?? "";
    // All instances know it.
    for (const instance of instances)
      await eventually(async () => {
        const { data } = await instance.graphql(`{ flashSales { id } }`);
        return data?.flashSales.some((sale: Sale) => sale.id === id);
      }, "an instance does not know the sale");
    return id;
  }

  async function tryPlan(sku: string, units: number, more: Record<string, unknown> = {}, key?: string) {
    const input = {
      ...{ sku, units, price: { amount: "5.00", currency: "USD" } },
      ...{ startsAt: inSeconds(-1), endsAt: inSeconds(600), ...more },
    };
    const { data, errors } = await shop.graphql(planMutation, { input, key }, staff);
    expect(errors).toBeUndefined();
    return data?.flashSaleCreate as Entered;
  }

  async function enter(saleId: string, who: string, key: string = crypto.randomUUID()): Promise<Entered> {
    const { data, errors } = await next().graphql(enterMutation, { saleId, key }, customer(who));
    expect(errors).toBeUndefined();
    return data?.flashSaleEnter as Entered;
  }

  async function hold(saleId: string, who: string): Promise<Ticket> {
    const { ticket } = await enter(saleId, who);
    expect(ticket?.status).toBe("HOLDING");
    return ticket as Ticket;
  }

  async function leave(ticketId: string, who: string, key?: string): Promise<Entered> {
    const { data, errors } = await next().graphql(leaveMutation, { ticketId, key }, customer(who));
    expect(errors).toBeUndefined();
    return data?.flashSaleLeave as Entered;
  }

  async function end(saleId: string) {
    const { data } = await shop.graphql(
      `mutation ($id: ID!) { flashSaleEnd(id: $id) { flashSale { ${saleFields} } userErrors { code } } }`,
      { id: saleId },
      staff,
    );
    return data?.flashSaleEnd as Entered;
  }

  async function ticket(id: string, who: string): Promise<Ticket | null> {
    const { data } = await next().graphql(
      `query ($id: ID!) { flashSaleTicket(id: $id) { ${ticketFields} } }`,
      { id },
      customer(who),
    );
    return data?.flashSaleTicket as Ticket | null;
  }

  async function sale(id: string): Promise<Sale> {
    const { data } = await next().graphql(`query ($id: ID!) { flashSale(id: $id) { ${saleFields} } }`, {
      id,
    });
    return data?.flashSale as Sale;
  }

  /** A page shows the sale so: moments after the commit, from memory. */
  async function shows(id: string, expected: Partial<Sale>): Promise<void> {
    let shown: Sale | undefined;
    const isShown = async () => {
      shown = await sale(id);
      return Object.entries(expected).every(([field, value]) => shown?.[field as keyof Sale] === value);
    };
    await eventually(isShown, "the sale is not shown so", { progress: () => shown });
  }

  /** The ticket's status as the database has it. */
  async function statusOf(id: string): Promise<string> {
    const [row] = await shop.kit.pg.sql<
      { status: string }[]
    >`select status from flash_tickets where id = ${id}`;
    return row?.status ?? "none";
  }

  async function becomes(id: string, status: string): Promise<void> {
    await eventually(async () => (await statusOf(id)) === status, `the ticket never became ${status}`, {
      progress: () => id,
    });
  }

  /** An order of one unit of the SKU with the ticket. */
  const orderWith = (orderId: string, sku: string, ticketId: string) =>
    initiated(orderId, [{ sku, quantity: 1 }], "DE", false, { ticketId, lineId: "l1" });

  async function isSound(): Promise<void> {
    const { sql } = shop.kit.pg;
    expect(await sql`select * from stock_discrepancies`).toEqual([]);
    await eventually(
      async () => (await sql`select from flash_discrepancies`).length === 0,
      "a sale does not add up",
      {
        progress: () => "flash_discrepancies",
      },
    );
  }

  return {
    plan,
    tryPlan,
    enter,
    hold,
    leave,
    end,
    ticket,
    sale,
    shows,
    statusOf,
    becomes,
    orderWith,
    isSound,
  };
}

export type FlashShop = ReturnType<typeof flashShop>;

export const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

const planMutation = /* GraphQL */ `
  mutation ($input: FlashSaleInput!, $key: String) {
    flashSaleCreate(input: $input, idempotencyKey: $key) {
      flashSale { ${saleFields} }
      userErrors { code message field }
    }
  }
`;
const enterMutation = /* GraphQL */ `
  mutation ($saleId: ID!, $key: String!) {
    flashSaleEnter(flashSaleId: $saleId, idempotencyKey: $key) {
      ticket { ${ticketFields} }
      flashSale { ${saleFields} }
      userErrors { code message }
    }
  }
`;
const leaveMutation = /* GraphQL */ `
  mutation ($ticketId: ID!, $key: String) {
    flashSaleLeave(ticketId: $ticketId, idempotencyKey: $key) {
      ticket { ${ticketFields} }
      userErrors { code message }
    }
  }
`;
