import {
  customer,
  guest,
  startTestService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { importJWK, jwtVerify, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import account from "../src/main.ts";
import { newKey, password, person, startAccount } from "./fixtures.ts";

let stores: TestStores;
let service: TestService;
let key: JWK;

beforeAll(async () => {
  key = await newKey();
  stores = await testStores();
  const people = [{ email: "Staff@shop.test", name: "Staff", password, roles: ["STAFF", "CUSTOMER"] }];
  service = await startAccount(stores, { key, people });
});

afterAll(async () => {
  await service?.stop();
  await stores?.[Symbol.asyncDispose]();
});

const signUp = (email: string) => person(service).signUp(email);
const refresh = (token: string) => person(service).refresh(token);

const ended = { session: null, userErrors: [{ code: "TOKEN_EXPIRED", field: ["refreshToken"] }] };

describe("signing up and logging in", () => {
  it("opens an account, signs in, and publishes UserRegistered", async () => {
    const { session, userErrors } = await signUp("  Ada@Shop.test ");
    expect(userErrors).toEqual([]);
    expect(session.user).toMatchObject({ email: "ada@shop.test", name: "Ada", roles: ["CUSTOMER"] });
    const { data } = await service.waitForEvent("UserRegistered", (it) => it.data.email === "ada@shop.test");
    expect(data).toEqual({ userId: session.user.id, email: "ada@shop.test", name: "Ada" });
  });

  it("gives a token that a gateway can verify, good for 15 minutes", async () => {
    const { session } = await signUp("token@shop.test");
    const { d: _, ...publicJwk } = key;
    const expected = { issuer: "shop", audience: "shop-api" };
    const verified = await jwtVerify(session.accessToken, await importJWK(publicJwk, "EdDSA"), expected);
    const { payload, protectedHeader } = verified;
    expect(protectedHeader).toMatchObject({ alg: "EdDSA", kid: "key-1" });
    expect(payload).toMatchObject({ sub: session.user.id, roles: ["CUSTOMER"], email: "token@shop.test" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
    expect(new Date(session.expiresAt).getTime()).toBe((payload.exp ?? 0) * 1000);
  });

  it("takes an e-mail once, also of two at the same time", async () => {
    const both = await Promise.all([signUp("twice@shop.test"), signUp("TWICE@shop.test")]);
    const refusals = both.flatMap((one) => one.userErrors);
    expect(refusals).toEqual([{ code: "EMAIL_TAKEN", field: ["input", "email"] }]);
    expect(both.filter((one) => one.session)).toHaveLength(1);
  });

  it("refuses an unknown e-mail and a wrong password alike", async () => {
    await signUp("known@shop.test");
    for (const email of ["known@shop.test", "unknown@shop.test"]) {
      expect(await person(service).logIn(email, "wrong horse")).toEqual({
        session: null,
        userErrors: [{ code: "BAD_CREDENTIALS", field: null }],
      });
    }
  });

  it("knows the users that the environment names, and adds them once", async () => {
    const first = await person(service).logIn("staff@shop.test");
    expect(first.session.user.roles).toEqual(["STAFF", "CUSTOMER"]);
    const people = [{ email: "staff@shop.test", name: "Other", password: "another one", roles: ["ADMIN"] }];
    await using again = await startAccount(stores, { key, people, databaseUrl: service.databaseUrl });
    expect((await person(again).logIn("staff@shop.test")).session.user).toEqual(first.session.user);
  });

  it("replaces a published password, ends the sessions it opened, and leaves changed ones alone", async () => {
    const known = "demo-password-1";
    const people = ["demo@shop.test", "changed@shop.test"].map((email, i) => ({
      email,
      name: "Demo",
      password: i === 0 ? known : "one of her own",
      roles: ["STAFF"],
    }));
    const replaced = people.map(({ email }) => ({ email, known, password: "the shop's own" }));
    const databaseUrl = await stores.databaseUrl("account");
    await using before = await startAccount(stores, { key, people, databaseUrl });
    const { session } = await person(before).logIn("demo@shop.test", known);
    await before.stop();
    await using service = await startAccount(stores, { key, people, replaced, databaseUrl });
    expect((await person(service).logIn("demo@shop.test", known)).session).toBeNull();
    expect((await person(service).logIn("demo@shop.test", "the shop's own")).session).not.toBeNull();
    expect((await person(service).logIn("changed@shop.test", "one of her own")).session).not.toBeNull();
    expect((await person(service).refresh(session.refreshToken)).session).toBeNull();
  });

  it("won't start without a key, and says what is missing", async () => {
    await expect(startTestService(account, { stores })).rejects.toThrow(/JWT_PRIVATE_JWK/);
    await expect(startAccount(stores, { key: { kty: "RSA" } })).rejects.toThrow(/JWT_PRIVATE_JWK/);
  });

  it("keeps no password, but an argon2id hash of each", async () => {
    const rows = await service.kit.pg.sql<{ hash: string }[]>`select password_hash as hash from users`;
    for (const { hash } of rows) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});

describe("refreshing a session", () => {
  it("gives one successor to concurrent calls and to a call that lost the answer", async () => {
    const { session } = await signUp("refresh@shop.test");
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(session.refreshToken)));
    const [next = "", ...others] = new Set(answers.map((one) => one.session.refreshToken));
    expect(others).toEqual([]);
    expect(next).not.toBe(session.refreshToken);
    const newest = (await refresh(next)).session;
    expect(newest.user.id).toBe(session.user.id);
    // Another tab that still has the first token gets the newest one.
    for (const older of [session.refreshToken, next])
      expect((await refresh(older)).session.refreshToken).toBe(newest.refreshToken);
  });

  it("ends the session of a token that is used again later, for thief and owner", async () => {
    const { session } = await signUp("stolen@shop.test");
    const next = (await refresh(session.refreshToken)).session.refreshToken;
    await service.kit.pg.sql`
      update refresh_tokens set used_at = used_at - interval '31 seconds' where used_at is not null`;
    expect(await refresh(session.refreshToken)).toEqual(ended);
    expect(await refresh(next)).toEqual(ended);
  });

  it("ends the session of a token whose row was deleted", async () => {
    const { session } = await signUp("ancient@shop.test");
    const next = (await refresh(session.refreshToken)).session.refreshToken;
    await service.kit.pg.sql`delete from refresh_tokens where used_at is not null`;
    expect(await refresh(session.refreshToken)).toEqual(ended);
    expect(await refresh(next)).toEqual(ended);
  });

  it("keeps no token that could be used", async () => {
    const { session } = await signUp("hashed@shop.test");
    const rows = await service.kit.pg.sql`select * from refresh_tokens`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(session.refreshToken.split(".")[1]);
  });

  it.each(["", "nonsense", `ses_${"0".repeat(26)}.${"a".repeat(43)}`])("refuses %j", async (token) => {
    expect(await refresh(token)).toEqual(ended);
  });

  it("ends with logging out, which always answers alike", async () => {
    const { session } = await signUp("leaving@shop.test");
    for (const token of [session.refreshToken, session.refreshToken, "nonsense"]) {
      expect(await person(service).logOut(token)).toEqual({ session: null, userErrors: [] });
    }
    expect(await refresh(session.refreshToken)).toEqual(ended);
  });
});

describe("changing the password", () => {
  it("ends all other sessions and gives a new one", async () => {
    const { session } = await signUp("changing@shop.test");
    const other = await person(service).logIn("changing@shop.test");
    const changed = await person(service, customer(session.user.id)).change(password, "battery staple");
    expect(await refresh(session.refreshToken)).toEqual(ended);
    expect(await refresh(other.session.refreshToken)).toEqual(ended);
    expect((await refresh(changed.session.refreshToken)).session.user.id).toBe(session.user.id);
    const old = await person(service).logIn("changing@shop.test");
    expect(old.userErrors).toMatchObject([{ code: "BAD_CREDENTIALS" }]);
  });

  it("needs the old one, a good new one, and someone signed in", async () => {
    const { session } = await signUp("careless@shop.test");
    const me = person(service, customer(session.user.id));
    expect(await me.change("not it at all", "battery staple")).toEqual({
      session: null,
      userErrors: [{ code: "BAD_CREDENTIALS", field: ["currentPassword"] }],
    });
    expect(await me.change(password, "short")).toEqual({
      session: null,
      userErrors: [{ code: "WEAK_PASSWORD", field: ["newPassword"] }],
    });
    await expect(person(service, guest).change(password, "x")).rejects.toThrow(/UNAUTHENTICATED/);
  });
});
