import {
  eventually,
  staff,
  startTestService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { expect } from "vitest";
import inventory from "../src/main.ts";
import { published } from "./builders.ts";

type Availability = { status: string; quantity: number };
type Level = {
  warehouse: { code: string; country: string };
  onHand: number;
  reserved: number;
  available: number;
};
type UserErrors = { code: string; field: string[] | null }[];
type Adjusted = { variant: { id: string } | null; levels: unknown[]; userErrors: UserErrors };
type AdjustedMany = {
  results: { index: number; levels: unknown[]; userErrors: UserErrors }[];
  userErrors: UserErrors;
};

/** Inventory on real stores, with the acts and the reads of its tests. */
export type StockedShop = Awaited<ReturnType<typeof openShop>>;

/** Opens a shop, by default on stores of its own, which closes with the stack. */
export async function openShop(stack: AsyncDisposableStack, on?: TestStores) {
  const stores = on ?? stack.use(await testStores());
  const service = stack.use(await startTestService(inventory, { stores }));
  return { ...service, sells, send, receives, adjust, adjustMany, seen, level, stockEvents, handledIn };

  async function sells(skus: string[], productId = `prd_${skus[0]}`): Promise<void> {
    const event = published(skus, productId);
    await service.republish(event);
    await eventually(async () => {
      const [row] = await service.kit.pg.sql<
        { known: number }[]
      >`select count(*)::int as known from items where sku = any (${skus})`;
      return row?.known === skus.length;
    }, "the SKUs were not written");
  }

  async function send<T extends Parameters<TestService["republish"]>[0]>(event: T): Promise<T> {
    await service.republish(event);
    return event;
  }

  async function receives(what: string, delta: number, warehouseCode: string): Promise<void> {
    const { userErrors } = await adjust({
      sku: what,
      warehouseCode,
      delta,
      reason: "delivery",
      idempotencyKey: crypto.randomUUID(),
    });
    expect(userErrors).toEqual([]);
  }

  async function adjust(input: object): Promise<Adjusted> {
    const { data, errors } = await service.graphql(adjustQuery, { input }, staff);
    expect(errors).toBeUndefined();
    return data?.stockAdjust as Adjusted;
  }

  async function adjustMany(inputs: object[]): Promise<AdjustedMany> {
    const { data, errors } = await service.graphql(adjustManyQuery, { inputs }, staff);
    expect(errors).toBeUndefined();
    return data?.stockAdjustMany as AdjustedMany;
  }

  async function seen(what: string): Promise<Availability> {
    const { data } = await service.graphql(availabilityQuery, {
      variants: [{ __typename: "ProductVariant", id: `var_${what}` }],
    });
    const [variant] = (data?._entities ?? []) as { availability: Availability }[];
    if (!variant) throw new Error(`nothing was found of ${what}`);
    return variant.availability;
  }

  async function level(what: string, code: string): Promise<Level | undefined> {
    const variants = [{ __typename: "ProductVariant", id: `var_${what}` }];
    const { data } = await service.graphql(levelsQuery, { variants }, staff);
    const [variant] = (data?._entities ?? []) as { stockLevels: Level[] }[];
    return variant?.stockLevels.find(({ warehouse }) => warehouse.code === code);
  }

  function stockEvents(what: string) {
    return service.events("StockChanged").filter(({ data }) => data.sku === what);
  }

  /** How many events of an order are in the inbox, by their ids on the stream. */
  async function handledIn(orderId: string): Promise<number> {
    const types = ["OrderInitiated", "OrderCancelled", "OrderExpired"] as const;
    const ids = types.flatMap((type) =>
      service
        .events(type)
        .filter(({ sagaId }) => sagaId === orderId)
        .map(({ id }) => id),
    );
    const rows = await service.kit.pg
      .sql`select from inbox where event_id = any (${[...new Set(ids)]}::uuid[])`;
    return rows.length;
  }
}

/** Counts the statements that the service sends to its database; pools of its own and statements by the clock (relay, tasks, health check) are left out. */
export function countQueries(service: TestService): { stop: () => Promise<number> } {
  const { options } = service.kit.pg.sql;
  const before = options.debug;
  let statements = 0;
  options.debug = (_connection, query) => {
    if (
      /\b(items|stock|adjust_stock|warehouses|begin|commit|outbox)\b/.test(query) &&
      // Tasks and sales are read by pollers, whenever it is their time.
      !/from (tasks|flash_sales sale join)/.test(query)
    )
      statements++;
  };
  return {
    stop: () => {
      options.debug = before;
      return Promise.resolve(statements);
    },
  };
}

export const availabilityQuery = /* GraphQL */ `
  query ($variants: [_Any!]!) {
    _entities(representations: $variants) {
      ... on ProductVariant {
        id
        availability {
          status
          quantity
        }
      }
    }
  }
`;
export const levelsQuery = /* GraphQL */ `
  query ($variants: [_Any!]!) {
    _entities(representations: $variants) {
      ... on ProductVariant {
        id
        stockLevels {
          warehouse {
            code
            country
          }
          onHand
          reserved
          available
        }
      }
    }
  }
`;
export const adjustQuery = /* GraphQL */ `
  mutation ($input: StockAdjustInput!) {
    stockAdjust(input: $input) {
      variant {
        id
        availability {
          quantity
        }
      }
      levels {
        warehouse {
          code
        }
        onHand
      }
      userErrors {
        code
        field
      }
    }
  }
`;
export const adjustManyQuery = /* GraphQL */ `
  mutation ($inputs: [StockAdjustInput!]!) {
    stockAdjustMany(inputs: $inputs) {
      results {
        index
        levels {
          onHand
        }
        userErrors {
          code
          field
        }
      }
      userErrors {
        code
      }
    }
  }
`;
