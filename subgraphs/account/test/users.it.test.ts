import type { Identity } from "@shop/service";
import {
  customer,
  guest,
  staff,
  tableDrift,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as tables from "../src/tables.ts";
import { ask, newKey, password, person, startAccount, type UserErrors } from "./fixtures.ts";

let stores: TestStores;
let service: TestService;

const input = {
  name: "Ada",
  line1: "Main St 1",
  city: "Springfield",
  region: "IL",
  postalCode: "12345",
  country: "US",
};
type Entry = { id: string; isDefault: boolean; city: string };
const entry = `address { id isDefault city } userErrors { code field }`;

/** Calls the queries and mutations of the identity's address book. */
function bookOf(identity: Identity) {
  type Payload = { address: Entry; userErrors: UserErrors };
  const call = <T>(document: string, variables: Record<string, unknown>) =>
    ask<T>(service, document, variables, identity);
  return {
    add: (changes: Partial<typeof input> = {}) =>
      call<Payload>(`mutation ($input: AddressInput!) { it: addressAdd(input: $input) { ${entry} } }`, {
        input: { ...input, ...changes },
      }),
    update: (id: string, changes: Partial<typeof input>, makeDefault = false) =>
      call<Payload>(
        `mutation ($id: ID!, $input: AddressInput!, $makeDefault: Boolean) {
          it: addressUpdate(id: $id, input: $input, makeDefault: $makeDefault) { ${entry} } }`,
        { id, input: { ...input, ...changes }, makeDefault },
      ),
    remove: (id: string) =>
      call<{ removedId: string | null; userErrors: UserErrors }>(
        `mutation ($id: ID!) { it: addressRemove(id: $id) { removedId userErrors { code field } } }`,
        { id },
      ),
    list: async () =>
      (await call<{ addresses: Entry[] }>(`{ it: me { addresses { id city isDefault } } }`, {})).addresses,
  };
}

beforeAll(async () => {
  stores = await testStores();
  service = await startAccount(stores, { key: await newKey() });
});

afterAll(async () => {
  await service?.stop();
  await stores?.[Symbol.asyncDispose]();
});

async function someone(email: string): Promise<Extract<Identity, { kind: "user" }>> {
  const { session } = await person(service).signUp(email);
  const { id: userId } = session.user;
  return { kind: "user", userId, roles: ["CUSTOMER"], email };
}

it("has the tables that tables.ts describes", async () => {
  expect(await tableDrift(service.kit.pg.sql, tables)).toEqual([]);
});

describe("the address book", () => {
  it("takes addresses by the rules of their country, and says what they are", async () => {
    const book = bookOf(customer((await person(service).signUp("rules@shop.test")).session.user.id));
    const hongKong = await book.add({ city: "Hong Kong", postalCode: "", country: "HK", region: "" });
    expect(hongKong.userErrors).toEqual([]);
    for (const [wrong, field] of [
      [{ region: "" }, "region"],
      [{ postalCode: "ABC" }, "postalCode"],
      [{ country: "SG", city: "", region: "", postalCode: "1" }, "postalCode"],
    ] as const) {
      expect((await book.add(wrong)).userErrors).toEqual([
        { code: "INVALID_INPUT", field: ["input", field] },
      ]);
    }
    const form = `query ($country: CountryCode!) { it: addressForm(country: $country) {
      country fields { name label isRequired pattern example regions { code name } } } }`;
    const { fields } = await ask<{ fields: { name: string }[] }>(service, form, { country: "US" });
    expect(fields.map(({ name }) => name)).toEqual([
      ...["name", "line1", "line2", "city", "region", "postalCode", "phone"],
    ]);
    expect(fields[5]).toMatchObject({ label: "ZIP code", isRequired: true, example: "95014", regions: [] });
  });

  it("is kept with exactly one default, also when addresses come at once", async () => {
    const mine = bookOf(await someone("book@shop.test"));
    const added = await Promise.all(["A", "B", "C"].map((city) => mine.add({ city })));
    const [, , { id }] = added.map((it) => it.address) as [Entry, Entry, Entry];
    expect((await mine.list()).filter((it) => it.isDefault)).toHaveLength(1);
    expect((await mine.update(id, { city: "D" }, true)).address).toEqual({ id, isDefault: true, city: "D" });
    expect((await mine.list())[0]).toEqual({ id, isDefault: true, city: "D" });
    expect(await mine.remove(id)).toEqual({ removedId: id, userErrors: [] });
    expect(await mine.list()).toMatchObject([{ isDefault: true }, { isDefault: false }]);
  });

  it("reads to others as if it weren't there", async () => {
    const [me, other] = [await someone("mine@shop.test"), await someone("other@shop.test")];
    const { id } = (await bookOf(me).add()).address;
    const notFound = [{ code: "NOT_FOUND", field: ["id"] }];
    expect(await bookOf(other).update(id, {})).toEqual({ address: null, userErrors: notFound });
    expect(await bookOf(other).remove(id)).toEqual({ removedId: null, userErrors: notFound });
    expect(await bookOf(me).list()).toHaveLength(1);
    const contact = (who: Identity) => service.kit.bus.request("account.contact", { addressId: id }, who);
    expect(await contact(me)).toEqual({ email: "mine@shop.test", address: input });
    expect(await contact(other)).toEqual({ email: "other@shop.test", address: null });
  });

  it("is for people who are signed in", async () => {
    await expect(bookOf(guest).add()).rejects.toThrow(/UNAUTHENTICATED/);
  });

  it("refuses what is no address", async () => {
    const mine = bookOf(await someone("country@shop.test"));
    expect((await mine.add({ city: " " })).userErrors).toEqual([
      { code: "INVALID_INPUT", field: ["input", "city"] },
    ]);
    await expect(mine.add({ country: "XX" })).rejects.toThrow(/BAD_USER_INPUT/);
    expect(await mine.list()).toEqual([]);
  });
});

describe("a person", () => {
  const entities = `query ($of: [_Any!]!) { it: _entities(representations: $of) { ... on User { id email } } }`;

  it("is read by that person and by staff, and by no other caller", async () => {
    const [me, other] = [await someone("self@shop.test"), await someone("curious@shop.test")];
    const of = [me, other].map(({ userId }) => ({ __typename: "User", id: userId }));
    const emails = async (identity: Identity) => {
      const users = await ask<({ email: string } | null)[]>(service, entities, { of }, identity);
      return users.map((user) => user?.email ?? null);
    };
    expect(await emails(me)).toEqual(["self@shop.test", null]);
    expect(await emails(staff)).toEqual(["self@shop.test", "curious@shop.test"]);
    expect(await emails(guest)).toEqual([null, null]);
  });

  it("is null for a guest, and for a user whose account is gone", async () => {
    for (const identity of [guest, customer("usr_gone")]) {
      expect(await ask(service, `{ it: me { id } }`, {}, identity)).toBeNull();
    }
  });
});

describe("an e-mail", () => {
  it("is one account's in all its spellings", async () => {
    await someone("josé@münchen.test");
    const me = person(service);
    for (const email of [
      "José@München.TEST".normalize("NFD"),
      "josé@xn--mnchen-3ya.test",
      "jo\u200bsé@münchen.test ",
    ]) {
      expect((await me.logIn(email)).session.user.email).toBe("josé@münchen.test");
      expect((await me.signUp(email)).userErrors).toMatchObject([{ code: "EMAIL_TAKEN" }]);
    }
  });
});

describe("a password", () => {
  const signUp = (email: string, given: string) =>
    ask<{ session: object | null; userErrors: UserErrors }>(
      service,
      `mutation ($input: SignUpInput!) { it: signUp(input: $input) { session { expiresAt } userErrors { code field } } }`,
      { input: { email, password: given, name: "Wilhelmina" } },
    );

  it.each(["password", "12345678", "        ", "wilhelmina1"])(
    "can't be %j, at sign-up or later",
    async (weak) => {
      const field = ["input", "password"];
      expect(await signUp("weak@shop.test", weak)).toEqual({
        session: null,
        userErrors: [{ code: "WEAK_PASSWORD", field }],
      });
      const { session } = await person(service).signUp(`${weak.trim() || "blank"}@change.test`);
      const changed = await person(service, customer(session.user.id)).change(
        password,
        weak.replace("wilhelmina1", "Ada12345"),
      );
      expect(changed).toEqual({
        session: null,
        userErrors: [{ code: "WEAK_PASSWORD", field: ["newPassword"] }],
      });
    },
  );

  it("is the same in all the ways that keyboards write its letters", async () => {
    const typed = "café Zürich ﬁn";
    expect((await signUp("keyboard@shop.test", typed.normalize("NFD"))).userErrors).toEqual([]);
    for (const same of [typed, typed.normalize("NFC"), "café Zürich fin"])
      expect((await person(service).logIn("keyboard@shop.test", same)).userErrors).toEqual([]);
  });
});
