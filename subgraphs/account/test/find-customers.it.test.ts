import { customer, staff, testStores, type TestService, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, newKey, password, startAccount } from "./fixtures.ts";

let stores: TestStores;
let service: TestService;

beforeAll(async () => {
  stores = await testStores();
  service = await startAccount(stores, { key: await newKey() });
});

afterAll(async () => {
  await service?.stop();
  await stores?.[Symbol.asyncDispose]();
});

async function signUp(email: string, name: string): Promise<string> {
  const { session } = await ask<{ session: { user: { id: string } } }>(
    service,
    `mutation ($input: SignUpInput!) { it: signUp(input: $input) { session { user { id } } userErrors { code } } }`,
    { input: { email, password, name } },
  );
  return session.user.id;
}

type Found = {
  totalCount: number;
  nodes: { id: string }[];
  pageInfo: { endCursor: string; hasNextPage: boolean };
};

const find = (variables: Record<string, unknown>) =>
  ask<Found>(
    service,
    `query ($query: String, $first: Int, $after: String) { it: customers(query: $query, first: $first, after: $after) {
      totalCount nodes { id name addresses { name } } pageInfo { endCursor hasNextPage } } }`,
    variables,
    staff,
  );
const idsOf = async (query: string) => (await find({ query })).nodes.map(({ id }) => id);

it("finds a customer by name, e-mail and address book, however they are written", async () => {
  const zoe = await signUp("zoe@example.test", "Zoë  Mo\u0308ller\u200b");
  const neil = await signUp("neil@example.test", "Sean O’Neill");
  const address = {
    name: "Łukasz Ng",
    line1: "1 Way",
    city: "London",
    postalCode: "SW1A 1AA",
    country: "GB",
  };
  await ask(
    service,
    `mutation ($input: AddressInput!) { it: addressAdd(input: $input) { userErrors { code } } }`,
    { input: { ...address, phone: "+44 20 7946 0000" } },
    customer(zoe),
  );
  for (const query of ["Zoe Moller", "zoë möller", "moller", "zoe@", "lukasz ng", "sw1a1aa", "020 7946 0000"])
    expect([query, await idsOf(query)]).toEqual([query, [zoe]]);
  for (const query of ["O'Neill", "O’Neill", "sean oneill"])
    expect([query, await idsOf(query)]).toEqual([query, [neil]]);
  for (const query of ["Zoe Miller", "ng lukas x", "%"])
    expect([query, await idsOf(query)]).toEqual([query, []]);
});

it("pages the customers, newest first, for staff alone", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push(await signUp(`paged${n}@example.test`, "Paged Person"));
  const first = await find({ query: "paged person", first: 2 });
  expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  const rest = await find({ query: "paged person", first: 2, after: first.pageInfo.endCursor });
  expect([...first.nodes, ...rest.nodes].map(({ id }) => id)).toEqual(ids.toReversed());
  expect((await find({})).totalCount).toBeGreaterThanOrEqual(3);
  const { errors } = await service.graphql(`{ customers { totalCount } }`, {}, customer("usr_x"));
  expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
  await expect(find({ first: 101 })).rejects.toThrow("BAD_USER_INPUT");
  await expect(find({ after: "forged" })).rejects.toThrow("BAD_USER_INPUT");
});
