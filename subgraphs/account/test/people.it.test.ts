import {
  customer,
  guest,
  staff,
  startTestService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import account from "../src/main.ts";

let stores: TestStores;
let service: TestService;

const input = { name: "Ada", line1: "Main St 1", city: "Springfield", postalCode: "12345", country: "US" };
const entry = `address { id isDefault city } userErrors { code field }`;
const add = `mutation ($input: AddressInput!, $d: Boolean) { addressAdd(input: $input, makeDefault: $d) { ${entry} } }`;
const update = `mutation ($id: ID!, $input: AddressInput!, $d: Boolean) {
  addressUpdate(id: $id, input: $input, makeDefault: $d) { ${entry} } }`;
const remove = `mutation ($id: ID!) { addressRemove(id: $id) { removedId userErrors { code field } } }`;

beforeAll(async () => {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  stores = await testStores();
  const env = { ACCOUNT_JWT_PRIVATE_JWK: JSON.stringify(await exportJWK(privateKey)) };
  service = await startTestService(account, { stores, env });
});

afterAll(async () => {
  await service?.stop();
  await stores?.[Symbol.asyncDispose]();
});

async function someone(email: string) {
  const document = `mutation ($input: SignUpInput!) { signUp(input: $input) { session { user { id } } } }`;
  const { data } = await service.graphql(document, {
    input: { email, password: "long enough", name: "Ada" },
  });
  return customer(data?.["signUp"].session.user.id);
}

async function addressesOf(identity: Parameters<TestService["graphql"]>[2]) {
  const { data } = await service.graphql(`{ me { addresses { id city isDefault } } }`, {}, identity);
  return data?.["me"].addresses;
}

describe("the address book", () => {
  it("is kept with exactly one default, also when addresses come at once", async () => {
    const me = await someone("book@shop.test");
    const added = await Promise.all(
      ["A", "B", "C"].map((city) => service.graphql(add, { input: { ...input, city } }, me)),
    );
    const ids = added.map(({ data }) => data?.["addressAdd"].address.id);
    expect((await addressesOf(me)).filter((it: { isDefault: boolean }) => it.isDefault)).toHaveLength(1);
    const changes = { id: ids[2], input: { ...input, city: "D" }, d: true };
    const { data } = await service.graphql(update, changes, me);
    expect(data?.["addressUpdate"].address).toEqual({ id: ids[2], isDefault: true, city: "D" });
    expect((await addressesOf(me))[0]).toEqual({ id: ids[2], isDefault: true, city: "D" });
    const removed = await service.graphql(remove, { id: ids[2] }, me);
    expect(removed.data?.["addressRemove"]).toEqual({ removedId: ids[2], userErrors: [] });
    const left = await addressesOf(me);
    expect(left).toHaveLength(2);
    expect(left[0].isDefault).toBe(true);
  });

  it("reads to others as if it weren't there", async () => {
    const [me, other] = [await someone("mine@shop.test"), await someone("other@shop.test")];
    const { data } = await service.graphql(add, { input }, me);
    const { id } = data?.["addressAdd"].address;
    const notFound = [{ code: "NOT_FOUND", field: ["id"] }];
    const updated = await service.graphql(update, { id, input }, other);
    expect(updated.data?.["addressUpdate"]).toEqual({ address: null, userErrors: notFound });
    const removed = await service.graphql(remove, { id }, other);
    expect(removed.data?.["addressRemove"]).toEqual({ removedId: null, userErrors: notFound });
    expect(await addressesOf(me)).toHaveLength(1);
    const asked = await Promise.all(
      [me, other].map((who) => service.kit.bus.request("account.contact", { addressId: id }, who)),
    );
    expect(asked[0]).toEqual({ email: "mine@shop.test", address: input });
    expect(asked[1]).toEqual({ email: "other@shop.test", address: null });
  });

  it("is for people who are signed in", async () => {
    const { errors } = await service.graphql(add, { input }, guest);
    expect(errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  });

  it("refuses a country that isn't one", async () => {
    const me = await someone("country@shop.test");
    const { data, errors } = await service.graphql(add, { input: { ...input, country: "XX" } }, me);
    const code = errors?.[0]?.extensions?.["code"] ?? data?.["addressAdd"].userErrors[0].code;
    expect(["INVALID_INPUT", "BAD_USER_INPUT"]).toContain(code);
  });
});

describe("a person", () => {
  const entities = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { id email } } }`;

  it("is read by that person and by staff, and by nobody else", async () => {
    const [me, other] = [await someone("self@shop.test"), await someone("curious@shop.test")];
    const of = [me, other].map((it) => ({ __typename: "User", id: it.kind === "user" ? it.userId : "" }));
    const emails = async (identity: Parameters<TestService["graphql"]>[2]) => {
      const { data } = await service.graphql(entities, { of }, identity);
      return data?.["_entities"].map((user: { email: string } | null) => user?.email ?? null);
    };
    expect(await emails(me)).toEqual(["self@shop.test", null]);
    expect(await emails(staff)).toEqual(["self@shop.test", "curious@shop.test"]);
    expect(await emails(guest)).toEqual([null, null]);
  });

  it("is nobody for a guest", async () => {
    expect((await service.graphql(`{ me { id } }`)).data).toEqual({ me: null });
  });
});
