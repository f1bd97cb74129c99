import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attempts, rightPassword } from "./shop/account.ts";
import { openShop, type TestShop } from "./shop/shop.ts";

let shop: TestShop;
beforeEach(async () => {
  shop = await openShop({ TRUST_PROXY: 1, COST_PER_ADDRESS: 1_000_000, COST_PER_USER: 1_000_000 });
  attempts.splice(0);
});
afterEach(() => shop[Symbol.asyncDispose]());

const logIn = `mutation ($email: String!, $password: String!) {
  logIn(input: { email: $email, password: $password }) { session { accessToken } problems } }`;

async function tryToLogIn(email: string, password: string, address: string): Promise<number> {
  const headers = { "x-forwarded-for": address };
  return (await shop.ask(logIn, { variables: { email, password }, headers })).status;
}

const stranger = (at: number) => `10.1.${Math.floor(at / 200)}.${at % 200}`;
const victim = "ada@shop.test";

async function attack(addresses: number, guesses: number, from = 0): Promise<void> {
  for (let at = from; at < from + addresses; at++)
    for (let guess = 0; guess < guesses; guess++) await tryToLogIn(victim, "wrong", stranger(at));
}

describe("strangers who guess at an account's password", () => {
  test.each([5, 12, 40])(
    "from %i addresses don't lock its owner out, wherever the owner is",
    async (count) => {
      await attack(count, 10);
      expect(await tryToLogIn(victim, rightPassword, "203.0.113.1")).toBe(200);
      await attack(count, 10, count);
      for (let again = 0; again < 12; again++)
        expect(await tryToLogIn(victim, rightPassword, "203.0.113.1")).toBe(200);
    },
  );

  test("can't take the slips of the owner away, who has ten at an address that is known", async () => {
    expect(await tryToLogIn(victim, rightPassword, "203.0.113.1")).toBe(200);
    await attack(20, 10);
    const slips = [];
    for (let slip = 0; slip < 11; slip++) slips.push(await tryToLogIn(victim, "slip", "203.0.113.1"));
    expect(slips).toEqual([...Array<number>(10).fill(200), 429]);
  });

  test("have some 160 guesses in an hour, however many addresses they have", async () => {
    await attack(200, 3);
    expect(attempts.length).toBe(100 + 60);
    expect(await tryToLogIn("bea@shop.test", "wrong", stranger(0))).toBe(200);
  });

  test("use up nothing of the account with what is refused at their own address", async () => {
    await attack(3, 60);
    expect(attempts.length).toBe(30);
    await attack(7, 10, 3);
    expect(attempts.length).toBe(100);
  });

  test("are counted together, however they spell the e-mail", async () => {
    const spellings = [
      "josé@münchen.test".normalize("NFC"),
      "josé@münchen.test".normalize("NFD"),
      " JOSÉ@MÜNCHEN.test ",
      "josé@xn--mnchen-3ya.test",
      "jo\u200bsé@münchen.test",
      "josé@mün\u00adchen.test",
      "josé@ｍünchen。test",
    ];
    const statuses = [];
    for (let at = 0; at < 14; at++)
      statuses.push(await tryToLogIn(spellings[at % spellings.length] ?? "", "wrong", "203.0.113.1"));
    expect(statuses).toEqual([...Array<number>(10).fill(200), ...Array<number>(4).fill(429)]);
  });

  test("learn when to come back, in the header and in the answer", async () => {
    await attack(1, 10);
    const variables = { email: victim, password: "wrong" };
    const { headers, errors } = await shop.ask(logIn, {
      variables,
      headers: { "x-forwarded-for": stranger(0) },
    });
    const seconds = Number(headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(800);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retryAfterSeconds: seconds });
  });
});

describe("who guesses at the password of the session that they have", () => {
  const change = `mutation ($current: String!) { passwordChange(currentPassword: $current) { session { accessToken } } }`;
  const tryToChange = async (token: string, current: string, at: number) => {
    const headers = { "x-forwarded-for": stranger(at) };
    return (await shop.ask(change, { token, variables: { current }, headers })).status;
  };

  test("has ten tries from all addresses together, and the owner still has theirs in another session", async () => {
    const stolen = await shop.token({ userId: "ada", sid: "stolen" });
    const statuses = [];
    for (let at = 0; at < 12; at++) statuses.push(await tryToChange(stolen, "wrong", at));
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429]);
    const own = await shop.token({ userId: "ada", sid: "own" });
    expect(await tryToChange(own, rightPassword, 50)).toBe(200);
  });

  test("gets no try back by renewing the session beside it", async () => {
    const stolen = await shop.token({ userId: "usr_ada", sid: "stolen" });
    const query = `mutation { refreshSession(refreshToken: "usr_ada") { accessToken }
      passwordChange(currentPassword: "wrong") { problems } }`;
    const statuses = [];
    for (let at = 0; at < 12; at++)
      statuses.push(
        (await shop.ask(query, { token: stolen, headers: { "x-forwarded-for": stranger(at) } })).status,
      );
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429]);
  });

  test("has a hundred a day in all sessions together", async () => {
    const statuses = [];
    for (let at = 0; at < 110; at++) {
      const token = await shop.token({ userId: "ada", sid: `session-${Math.floor(at / 10)}` });
      statuses.push(await tryToChange(token, "wrong", at));
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
  });
});
