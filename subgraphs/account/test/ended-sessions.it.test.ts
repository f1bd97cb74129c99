import { testStores, type TestService, type TestStores } from "@shop/testkit";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashPassword } from "../src/password-hash.ts";
import { ask, identityOf, newKey, password, person, send, startAccount } from "./fixtures.ts";

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

const signUp = (email: string) => person(service).signUp(email);
const refresh = (token: string) => person(service).refresh(token);
const fresh = "battery staple";

/** Whether the refresh token still gives a session. */
async function isAlive(refreshToken: string): Promise<boolean> {
  return (await refresh(refreshToken)).session !== null;
}

async function endedSids(): Promise<string[]> {
  return (await ask<{ sids: string[] }>(service, `{ it: endedSessions { sids } }`)).sids;
}

/** Waits until `count` statements of this service wait for a lock. */
async function untilBlocked(count: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const [row] = await service.kit.pg.sql<{ waiting: number }[]>`
      select count(*) as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    if ((row?.waiting ?? 0) >= count) return;
    await wait(10);
  }
  throw new Error(`expected ${count} statements that wait for a lock`);
}

describe("a session that is begun while the password changes", () => {
  it("is refused when the change comes first", async () => {
    const { session } = await signUp("change-first@shop.test");
    const { sql } = service.kit.pg;
    const { loggingIn } = await sql.begin(async (tx) => {
      await tx`update users set password_hash = ${await hashPassword(fresh)} where id = ${session.user.id}`;
      const loggingIn = person(service).logIn("change-first@shop.test");
      await untilBlocked(1);
      await tx`delete from sessions where user_id = ${session.user.id}`;
      return { loggingIn };
    });
    expect(await loggingIn).toMatchObject({ session: null, userErrors: [{ code: "BAD_CREDENTIALS" }] });
    const rows = await sql`select id from sessions where user_id = ${session.user.id}`;
    expect(rows).toEqual([]);
  });

  it("is ended when the session comes first", async () => {
    const { session } = await signUp("session-first@shop.test");
    const { sql } = service.kit.pg;
    const { loggingIn, changing } = await sql.begin(async (tx) => {
      await tx`lock table refresh_tokens in share mode`;
      const loggingIn = person(service).logIn("session-first@shop.test");
      await untilBlocked(1);
      const changing = person(service, identityOf(session.accessToken)).change(password, fresh);
      await untilBlocked(2);
      return { loggingIn, changing };
    });
    const next = (await changing).session;
    const begun = (await loggingIn).session;
    expect(begun).not.toBeNull();
    expect(await isAlive(begun.refreshToken)).toBe(false);
    expect(await isAlive(next.refreshToken)).toBe(true);
    expect(await endedSids()).toContain(identityOf(begun.accessToken).sid);
  });

  it("never survives it, however the two fall together", async () => {
    const others = Array.from({ length: 12 }, async (_, at) => {
      const email = `race-${at}@shop.test`;
      const { session } = await signUp(email);
      const me = person(service, identityOf(session.accessToken));
      const [loggedIn, refreshed, changed] = await Promise.all([
        person(service).logIn(email),
        wait(at * 10).then(() => refresh(session.refreshToken)),
        wait(at * 10).then(() => me.change(password, fresh)),
      ]);
      expect(changed.userErrors).toEqual([]);
      for (const old of [loggedIn, refreshed]) {
        if (old.session) expect(await isAlive(old.session.refreshToken)).toBe(false);
      }
      expect(await isAlive(changed.session.refreshToken)).toBe(true);
    });
    await Promise.all(others);
  });

  it("lets someone in who already knows the new password", async () => {
    const { session } = await signUp("same@shop.test");
    const me = person(service, identityOf(session.accessToken));
    const [changed, loggedIn] = await Promise.all([
      me.change(password, password),
      wait(20).then(() => person(service).logIn("same@shop.test")),
    ]);
    expect(changed.userErrors).toEqual([]);
    expect(loggedIn.userErrors).toEqual([]);
  });

  it("is not begun by a change of password from a session that has ended", async () => {
    const { session } = await signUp("gone@shop.test");
    await person(service).logOut(session.refreshToken);
    const me = person(service, identityOf(session.accessToken));
    await expect(me.change(password, fresh)).rejects.toThrow(/UNAUTHENTICATED/);
    expect((await person(service).logIn("gone@shop.test")).userErrors).toEqual([]);
  });
});

describe("the sessions that ended", () => {
  it("are recorded for the gateways: by log-out, by a change of password, by a stolen token, by a user's end", async () => {
    const sidOf = (one: { session: { accessToken: string } }) =>
      identityOf(one.session.accessToken).sid ?? "";
    const left = await signUp("left@shop.test");
    await person(service).logOut(left.session.refreshToken);
    const changed = await signUp("changed@shop.test");
    const next = await person(service, identityOf(changed.session.accessToken)).change(password, fresh);
    const stolen = await signUp("robbed@shop.test");
    await refresh(stolen.session.refreshToken.replace(/.{9}$/, "AAAAAAAAA"));
    const removed = await signUp("removed@shop.test");
    await service.kit.pg.sql`delete from users where email = 'removed@shop.test'`;
    const alive = await signUp("alive@shop.test");

    const ended = await endedSids();
    for (const one of [left, changed, stolen, removed]) expect(ended).toContain(sidOf(one));
    for (const one of [next, alive]) expect(ended).not.toContain(sidOf(one));
  });

  it("are read on from a cursor, also those whose transaction was open at the last read", async () => {
    const { session } = await signUp("cursor@shop.test");
    const look = (since: string | null) =>
      ask<{ sids: string[]; cursor: string }>(
        service,
        `query ($since: DateTime) { it: endedSessions(since: $since) { sids cursor } }`,
        { since },
      );
    const { cursor } = await service.kit.pg.sql.begin(async (tx) => {
      await tx`delete from sessions where user_id = ${session.user.id}`;
      return await look(null);
    });
    const sid = identityOf(session.accessToken).sid;
    expect((await look(cursor)).sids).toContain(sid);
    expect((await look("2999-01-01T00:00:00.000Z")).sids).toContain(sid);
    await service.kit.pg.sql`update ended_sessions set ended_at = ended_at - interval '17 minutes'`;
    expect((await look(null)).sids).toEqual([]);
  });

  it("are called by a name that can't end them", async () => {
    const { session } = await signUp("name@shop.test");
    const { sid = "" } = identityOf(session.accessToken);
    expect(session.refreshToken).not.toContain(sid);
    for (const made of [`${sid}.${"a".repeat(43)}`, `ses_${sid.slice(0, 26)}.${"a".repeat(43)}`]) {
      await person(service).logOut(made.toLowerCase());
      await refresh(made.toLowerCase());
    }
    expect(await isAlive(session.refreshToken)).toBe(true);
  });

  it("end by any of their refresh tokens, as the tab has it that logs out", async () => {
    const { session } = await signUp("tabs@shop.test");
    const next = (await refresh(session.refreshToken)).session;
    await service.kit.pg.sql`delete from refresh_tokens where used_at is not null`;
    await person(service).logOut(session.refreshToken);
    expect(await isAlive(next.refreshToken)).toBe(false);
  });
});

describe("what follows in one operation", () => {
  const add = `addressAdd(input: { name: "A", line1: "1 St", city: "B", region: "NV", postalCode: "89501", country: "US" }) {
    address { id } userErrors { code } }`;
  const logInAs = (email: string) =>
    `logIn(input: { email: "${email}", password: "${password}" }) { userErrors { code } }`;

  it("runs as the user who was signed in last, and names the field to the gateway", async () => {
    const [one, other] = [await signUp("one@shop.test"), await signUp("two@shop.test")];
    const document = `mutation {
      no: logIn(input: { email: "one@shop.test", password: "wrong horse" }) { userErrors { code } }
      a: ${logInAs("one@shop.test")} mine: ${add} b: ${logInAs("two@shop.test")} theirs: ${add} }`;
    const { data, news } = await send(service, document);
    expect(data).toMatchObject({ mine: { userErrors: [] }, theirs: { userErrors: [] } });
    expect(news.map(({ field }) => field)).toEqual(["a", "b"]);
    expect(news.map(({ accessToken }) => identityOf(accessToken ?? "").userId)).toEqual([
      one.session.user.id,
      other.session.user.id,
    ]);
    const owners = await service.kit.pg.sql<{ count: number }[]>`
      select jsonb_array_length(addresses) as count from users where email in ('one@shop.test', 'two@shop.test')`;
    expect(owners.map(({ count }) => count)).toEqual([1, 1]);
  });

  it("stays the same caller when the log-in failed", async () => {
    const { session } = await signUp("stays@shop.test");
    const document = `mutation {
      a: logIn(input: { email: "stays@shop.test", password: "wrong horse" }) { userErrors { code } } b: ${add} }`;
    const mine = await send(service, document, {}, identityOf(session.accessToken));
    expect(mine).toMatchObject({ data: { b: { userErrors: [] } }, news: [] });
    expect((await send(service, document)).codes).toEqual(["UNAUTHENTICATED"]);
  });

  it("runs as a guest after the caller's own log-out, and not after another session's", async () => {
    const { session } = await signUp("out@shop.test");
    const other = (await person(service).logIn("out@shop.test")).session;
    const document = `mutation ($token: String!) { a: logOut(refreshToken: $token) { userErrors { code } } b: ${add} }`;
    const me = identityOf(session.accessToken);
    const still = await send(service, document, { token: other.refreshToken }, me);
    expect(still).toMatchObject({ codes: [], news: [{ field: "a", accessToken: null }] });
    const out = await send(service, document, { token: session.refreshToken }, me);
    expect(out).toMatchObject({ codes: ["UNAUTHENTICATED"], news: [{ ended: [me.sid] }] });
  });
});
