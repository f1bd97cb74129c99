import type { Owner } from "../src/invariants/read-shop.ts";

/** One thing goes wrong in one table of a service: what the checker must say of it. */
export type Corruption = { says: RegExp; owner: Owner; table: string; wrong: string };

export const corruption = (says: RegExp, where: `${Owner}.${string}`, wrong: string): Corruption => {
  const [owner, table] = where.split(".") as [Owner, string];
  return { says, owner, table, wrong };
};

/** A change of what an order was made of. */
export const inDetails = (path: string, value: string) =>
  `update orders set details = jsonb_set(details, '${path}', '${value}')`;
