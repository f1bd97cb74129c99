import {
  customer,
  guest,
  startTestService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { exportJWK, exportPKCS8, generateKeyPair, importJWK, jwtVerify, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import account from "../src/main.ts";

let stores: TestStores;
let service: TestService;
let key: JWK;

const session = `session { accessToken refreshToken expiresAt user { id email name roles } } userErrors { code field }`;
const signUpDocument = `mutation ($input: SignUpInput!) { signUp(input: $input) { ${session} } }`;
const logInDocument = `mutation ($input: LogInInput!) { logIn(input: $input) { ${session} } }`;
const refreshDocument = `mutation ($token: String!) { refreshSession(refreshToken: $token) { ${session} } }`;
const password = "correct horse";

beforeAll(async () => {
  const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  key = { ...(await exportJWK(pair.privateKey)), kid: "key-1" };
  stores = await testStores();
  const people = [{ email: "Staff@shop.test", name: "Staff", password, roles: ["STAFF", "CUSTOMER"] }];
  const env = { ACCOUNT_JWT_PRIVATE_JWK: JSON.stringify(key), BOOTSTRAP_USERS: JSON.stringify(people) };
  service = await startTestService(account, { stores, env });
});

afterAll(async () => {
  await service?.stop();
  await stores?.[Symbol.asyncDispose]();
});

async function signUp(email: string) {
  const { data } = await service.graphql(signUpDocument, { input: { email, password, name: "Ada" } });
  return data?.["signUp"];
}

async function refresh(token: string) {
  const { data } = await service.graphql(refreshDocument, { token });
  return data?.["refreshSession"];
}

const ended = { session: null, userErrors: [{ code: "TOKEN_EXPIRED", field: ["refreshToken"] }] };

describe("signing up and logging in", () => {
  it("opens an account, signs in, and tells the others", async () => {
    const { session: begun, userErrors } = await signUp("  Ada@Shop.test ");
    expect(userErrors).toEqual([]);
    expect(begun.user).toMatchObject({ email: "ada@shop.test", name: "Ada", roles: ["CUSTOMER"] });
    const { data } = await service.waitForEvent("UserRegistered", (it) => it.data.email === "ada@shop.test");
    expect(data).toEqual({ userId: begun.user.id, email: "ada@shop.test", name: "Ada" });
  });

  it("gives a token that a gateway can verify, good for 15 minutes", async () => {
    const { session: begun } = await signUp("token@shop.test");
    const { d: _, ...publicJwk } = key;
    const { payload, protectedHeader } = await jwtVerify(
      begun.accessToken,
      await importJWK(publicJwk, "EdDSA"),
      {
        issuer: "shop",
        audience: "shop-api",
      },
    );
    expect(protectedHeader).toMatchObject({ alg: "EdDSA", kid: "key-1" });
    expect(payload).toMatchObject({ sub: begun.user.id, roles: ["CUSTOMER"], email: "token@shop.test" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
    expect(new Date(begun.expiresAt).getTime()).toBe((payload.exp ?? 0) * 1000);
  });

  it("takes an e-mail once, also of two at the same time", async () => {
    const both = await Promise.all([signUp("twice@shop.test"), signUp("TWICE@shop.test")]);
    const refusals = both.flatMap((one) => one.userErrors);
    expect(refusals).toEqual([{ code: "EMAIL_TAKEN", field: ["input", "email"] }]);
    expect(both.filter((one) => one.session)).toHaveLength(1);
  });

  it("refuses an unknown e-mail and a wrong password alike", async () => {
    await signUp("known@shop.test");
    const answers = await Promise.all(
      ["known@shop.test", "unknown@shop.test"].map(async (email) => {
        const { data } = await service.graphql(logInDocument, { input: { email, password: "wrong horse" } });
        return data?.["logIn"];
      }),
    );
    expect(answers[0]).toEqual({ session: null, userErrors: [{ code: "BAD_CREDENTIALS", field: null }] });
    expect(answers[1]).toEqual(answers[0]);
  });

  it("knows the users that the environment names, and adds them once", async () => {
    const logIn = async (to: TestService) =>
      (await to.graphql(logInDocument, { input: { email: "staff@shop.test", password } })).data?.["logIn"];
    const first = await logIn(service);
    expect(first.session.user.roles).toEqual(["STAFF", "CUSTOMER"]);
    const people = [{ email: "staff@shop.test", name: "Other", password: "another one", roles: ["ADMIN"] }];
    const env = { ACCOUNT_JWT_PRIVATE_JWK: JSON.stringify(key), BOOTSTRAP_USERS: JSON.stringify(people) };
    await using again = await startTestService(account, { stores, env, databaseUrl: service.databaseUrl });
    expect((await logIn(again)).session.user).toEqual(first.session.user);
  });

  it("won't start without a key, and says what is missing", async () => {
    await expect(startTestService(account, { stores })).rejects.toThrow(/JWT_PRIVATE_JWK/);
    const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const env = { ACCOUNT_JWT_PRIVATE_JWK: JSON.stringify({ pem: await exportPKCS8(privateKey) }) };
    await expect(startTestService(account, { stores, env })).rejects.toThrow(/JWT_PRIVATE_JWK/);
  });
});

describe("refreshing a session", () => {
  it("gives one successor, to however many ask at once or lost the answer", async () => {
    const { session: begun } = await signUp("refresh@shop.test");
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(begun.refreshToken)));
    const tokens = new Set(answers.map((one) => one.session.refreshToken));
    expect(tokens.size).toBe(1);
    const [next] = tokens;
    expect(next).not.toBe(begun.refreshToken);
    expect((await refresh(next)).session.user.id).toBe(begun.user.id);
    expect((await refresh(begun.refreshToken)).session.refreshToken).toBe(next);
  });

  it("ends the session of a token that is used again later, for thief and owner", async () => {
    const { session: begun } = await signUp("stolen@shop.test");
    const next = (await refresh(begun.refreshToken)).session.refreshToken;
    await service.kit.pg
      .sql`update refresh_tokens set used_at = used_at - interval '31 seconds' where used_at is not null`;
    expect(await refresh(begun.refreshToken)).toEqual(ended);
    expect(await refresh(next)).toEqual(ended);
  });

  it("ends the session of a token so old that it is forgotten", async () => {
    const { session: begun } = await signUp("ancient@shop.test");
    const next = (await refresh(begun.refreshToken)).session.refreshToken;
    await service.kit.pg.sql`delete from refresh_tokens where used_at is not null`;
    expect(await refresh(begun.refreshToken)).toEqual(ended);
    expect(await refresh(next)).toEqual(ended);
  });

  it("keeps no token that could be used", async () => {
    const { session: begun } = await signUp("hashed@shop.test");
    const rows = await service.kit.pg.sql`select * from refresh_tokens`;
    expect(JSON.stringify(rows)).not.toContain(begun.refreshToken.split(".")[1]);
  });

  it.each(["", "nonsense", `ses_${"0".repeat(26)}.${"a".repeat(43)}`])("refuses %j", async (token) => {
    expect(await refresh(token)).toEqual(ended);
  });

  it("ends with logging out, which always answers alike", async () => {
    const { session: begun } = await signUp("leaving@shop.test");
    const logOut = `mutation ($token: String!) { logOut(refreshToken: $token) { session { accessToken } userErrors { code } } }`;
    for (const token of [begun.refreshToken, begun.refreshToken, "nonsense"]) {
      const { data } = await service.graphql(logOut, { token });
      expect(data?.["logOut"]).toEqual({ session: null, userErrors: [] });
    }
    expect(await refresh(begun.refreshToken)).toEqual(ended);
  });
});

describe("changing the password", () => {
  const change = async (identity: Parameters<TestService["graphql"]>[2], current: string, next: string) => {
    const document = `mutation ($current: String!, $next: String!) {
      passwordChange(currentPassword: $current, newPassword: $next) { ${session} } }`;
    return await service.graphql(document, { current, next }, identity);
  };

  it("ends all other sessions and gives a new one", async () => {
    const { session: begun } = await signUp("changing@shop.test");
    const me = customer(begun.user.id);
    const other = await service.graphql(logInDocument, { input: { email: "changing@shop.test", password } });
    const { data } = await change(me, password, "battery staple");
    const fresh = data?.["passwordChange"].session;
    expect(await refresh(begun.refreshToken)).toEqual(ended);
    expect(await refresh(other.data?.["logIn"].session.refreshToken)).toEqual(ended);
    expect((await refresh(fresh.refreshToken)).session.user.id).toBe(begun.user.id);
    const old = await service.graphql(logInDocument, { input: { email: "changing@shop.test", password } });
    expect(old.data?.["logIn"].userErrors[0].code).toBe("BAD_CREDENTIALS");
  });

  it("needs the old one, a good new one, and someone signed in", async () => {
    const { session: begun } = await signUp("careless@shop.test");
    const me = customer(begun.user.id);
    const wrong = await change(me, "not it at all", "battery staple");
    expect(wrong.data?.["passwordChange"].userErrors).toEqual([
      { code: "BAD_CREDENTIALS", field: ["currentPassword"] },
    ]);
    const weak = await change(me, password, "short");
    expect(weak.data?.["passwordChange"].userErrors).toEqual([
      { code: "WEAK_PASSWORD", field: ["newPassword"] },
    ]);
    expect((await change(guest, password, "x")).errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  });
});
