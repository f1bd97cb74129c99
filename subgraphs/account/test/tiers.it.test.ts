import type { Identity } from "@shop/service";
import {
  customer,
  eventually,
  guest,
  staff,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, newKey, person, startAccount, type UserErrors } from "./fixtures.ts";

let stores: TestStores;
let service: TestService;
let users = 0;

const document = `mutation ($input: UserTierSetInput!) {
  it: userTierSet(input: $input) { user { id tier } userErrors { code field } } }`;
type Payload = { user: { id: string; tier: string } | null; userErrors: UserErrors };

const set = (input: object, identity: Identity = staff) =>
  ask<Payload>(
    service,
    document,
    { input: { tier: "VIP", reason: "bought a lot", idempotencyKey: crypto.randomUUID(), ...input } },
    identity,
  );

async function someone(): Promise<{ id: string; email: string }> {
  const { session } = await person(service).signUp(`tier-${++users}@shop.test`);
  return session.user;
}

const changesOf = (userId: string) =>
  service.kit.pg.sql`select tier, reason, changed_by from tier_changes where user_id = ${userId} order by id`;
const publishedOf = (id: string) =>
  service.events("UserTierChanged").filter(({ data }) => data.userId === id);

beforeAll(async () => {
  stores = await testStores();
  service = await startAccount(stores, { key: await newKey() });
});

afterAll(async () => {
  await service?.stop();
  await stores?.[Symbol.asyncDispose]();
});

it("is STANDARD until staff mark the customer, and each change is recorded with who, when and why", async () => {
  const { id, email } = await someone();
  const tier = async () =>
    (await ask<{ tier: string }>(service, `{ it: me { tier } }`, {}, customer(id))).tier;
  expect(await tier()).toBe("STANDARD");
  expect(await set({ userId: id })).toEqual({ user: { id, tier: "VIP" }, userErrors: [] });
  expect(await tier()).toBe("VIP");
  expect(await set({ email: ` ${email.toUpperCase()} `, tier: "STANDARD", reason: "left us" })).toEqual({
    user: { id, tier: "STANDARD" },
    userErrors: [],
  });
  expect(await changesOf(id)).toEqual([
    { tier: "VIP", reason: "bought a lot", changed_by: "usr_staff" },
    { tier: "STANDARD", reason: "left us", changed_by: "usr_staff" },
  ]);
  await eventually(() => publishedOf(id).length === 2);
  expect(publishedOf(id).map(({ data, aggregate }) => [data.tier, aggregate.version])).toEqual([
    ["VIP", 2],
    ["STANDARD", 3],
  ]);
});

it("is changed once by a repeated call, also by two at once, and not at all where it is so already", async () => {
  const { id } = await someone();
  const input = { userId: id, idempotencyKey: "one" };
  const answers = await Promise.all([set(input), set(input), set(input)]);
  for (const answer of answers) expect(answer).toEqual({ user: { id, tier: "VIP" }, userErrors: [] });
  expect(await set({ userId: id })).toEqual({ user: { id, tier: "VIP" }, userErrors: [] });
  expect(await changesOf(id)).toHaveLength(1);
  const field = ["input", "idempotencyKey"];
  expect(await set({ ...input, tier: "STANDARD" })).toEqual({
    user: null,
    userErrors: [{ code: "IDEMPOTENCY_KEY_REUSED", field }],
  });
});

it("is for staff to set", async () => {
  const { id } = await someone();
  await expect(set({ userId: id }, customer(id))).rejects.toThrow(/FORBIDDEN/);
  await expect(set({ userId: id }, guest)).rejects.toThrow(/UNAUTHENTICATED/);
  expect(await changesOf(id)).toEqual([]);
});

it("takes one customer that there is, and a reason", async () => {
  const { id, email } = await someone();
  const refused = async (input: object) => (await set(input)).userErrors;
  expect(await refused({ userId: "usr_nobody" })).toEqual([{ code: "NOT_FOUND", field: ["input"] }]);
  expect(await refused({})).toEqual([{ code: "INVALID_INPUT", field: ["input"] }]);
  expect(await refused({ userId: id, email })).toEqual([{ code: "INVALID_INPUT", field: ["input"] }]);
  expect(await refused({ userId: id, reason: " " })).toEqual([
    { code: "INVALID_INPUT", field: ["input", "reason"] },
  ]);
  expect(await refused({ userId: id, idempotencyKey: "" })).toEqual([
    { code: "INVALID_INPUT", field: ["input", "idempotencyKey"] },
  ]);
});
