import { customer, guest, testStores, type TestService, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newKey, password, person, send, startAccount } from "./fixtures.ts";

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

const change = `mutation ($current: String!, $next: String!) {
  passwordChange(currentPassword: $current, newPassword: $next) { session { accessToken } userErrors { code } } }`;
const changeAs = async (userId: string, current: string, next = "battery staple") =>
  (await service.graphql(change, { current, next }, customer(userId))) as {
    data?: { passwordChange: { session: object | null; userErrors: { code: string }[] } };
    errors?: { message: string; extensions: Record<string, unknown> }[];
  };
const limited = [{ extensions: { code: "RATE_LIMITED" } }];

it("tries 10 wrong current passwords of a user, also of many at once, then says when to try again", async () => {
  const { session } = await person(service).signUp("guessed@shop.test");
  const answers = await Promise.all(
    Array.from({ length: 14 }, (_, i) => changeAs(session.user.id, `wrong horse ${i}`)),
  );
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(10);
  const refused = answers.flatMap(({ errors }) => errors ?? []);
  expect(refused.map(({ extensions }) => extensions["code"])).toEqual(Array(4).fill("RATE_LIMITED"));
  for (const { extensions, message } of refused) {
    expect(extensions["retryAfterSeconds"]).toBeGreaterThan(880);
    expect(extensions["retryAfterSeconds"]).toBeLessThanOrEqual(900);
    expect(message).toMatch(/try again in \d+ s/);
  }
  // The right password is refused too: otherwise guessing could go on.
  expect(await changeAs(session.user.id, password)).toMatchObject({ errors: limited });
  const other = await person(service).signUp("bystander@shop.test");
  expect((await changeAs(other.session.user.id, password)).data?.passwordChange.session).not.toBeNull();
});

it("counts attempts of a stolen refresh token, and adds one each quarter of an hour", async () => {
  const { session } = await person(service).signUp("robbed@shop.test");
  const both = `mutation ($token: String!, $current: String!) {
    refreshSession(refreshToken: $token) { session { accessToken } }
    passwordChange(currentPassword: $current, newPassword: "battery staple") { userErrors { code } } }`;
  const attempt = async () =>
    (await send(service, both, { token: session.refreshToken, current: "wrong horse" }, guest)).codes;
  for (let i = 0; i < 10; i++) expect(await attempt()).toEqual([]);
  expect(await attempt()).toEqual(["RATE_LIMITED"]);
  await service.kit.pg.sql`update password_attempts set full_at = full_at - interval '15 minutes'`;
  expect(await attempt()).toEqual([]);
  expect(await attempt()).toEqual(["RATE_LIMITED"]);
});

it("refills the attempts for the right password, though the new one is refused", async () => {
  const { session } = await person(service).signUp("forgetful@shop.test");
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 9; i++)
      expect((await changeAs(session.user.id, "wrong horse")).data?.passwordChange.userErrors).toEqual([
        { code: "BAD_CREDENTIALS" },
      ]);
    expect((await changeAs(session.user.id, password, "shop.test")).data?.passwordChange.userErrors).toEqual([
      { code: "WEAK_PASSWORD" },
    ]);
  }
  expect((await changeAs(session.user.id, password)).data?.passwordChange.session).not.toBeNull();
});

it("takes the demo's password for a demo's people, but neither in production nor from a sign-up", async () => {
  const people = [
    { email: "demo@shop.test", name: "Demo", password: "demo-password-1", roles: ["STAFF", "CUSTOMER"] },
  ];
  const key = await newKey();
  await using demo = await startAccount(stores, {
    key,
    people,
    databaseUrl: await stores.databaseUrl("account"),
  });
  expect((await person(demo).logIn("demo@shop.test", "demo-password-1")).session).not.toBeNull();
  const { id } = (await person(demo).signUp("new@shop.test")).session.user;
  expect((await person(demo, customer(id)).change(password, "demo-password-1")).userErrors).toMatchObject([
    { code: "WEAK_PASSWORD" },
  ]);
  const production = startAccount(stores, { key, people, nodeEnv: "production" });
  await expect(production).rejects.toThrow(/BOOTSTRAP_USERS: the password of demo@shop.test is refused/);
});
