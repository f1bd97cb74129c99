import { readOperation } from "@shop/values/operations";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { Document } from "../src/answer.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import type { Shopper } from "../src/shopper.ts";
import { key } from "../src/shopping.ts";

const password = "three unlikely words";

type Tokens = { accessToken: string; refreshToken: string };

let open: OpenShop;
let guest: Shopper;
beforeAll(async () => {
  open = await openShop();
  ({ guest } = open);
});
afterAll(() => open.close());

describe("a session that has ended", () => {
  const signUp = async (email: string): Promise<Tokens> =>
    (await guest.get("sign-up", { input: { email, password, name: "Ann" } })).signUp.session;

  const logIn = async (email: string, given = password): Promise<Tokens> =>
    (await guest.get("log-in", { input: { email, password: given } })).logIn.session;

  const codeOf = async (token: string) => {
    const { errors } = await guest.as(token).send(`{ me { id } }`);
    return errors?.[0]?.extensions?.["reason"];
  };

  /** Follows the caller's orders; gives the code with which the shop closes the socket. */
  async function follow(token: string) {
    const closed = vi.fn<(event: unknown) => void>();
    const opened = vi.fn<() => void>();
    const client = createClient({
      url: open.shop.url.replace(/^http/, "ws"),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
      on: { closed, connected: opened },
    });
    client.subscribe(
      { query: readOperation("my-orders-updated") },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    await vi.waitFor(() => expect(opened).toHaveBeenCalled(), { timeout: 10_000 });
    return {
      closed,
      untilClosed: async () => {
        await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 5_000 });
        const [[event] = []] = closed.mock.calls;
        return (event as { code: number }).code;
      },
    };
  }

  test("by log-out takes its access tokens and sockets along, and no other session's", async () => {
    const one = await signUp("ann@sessions.test");
    const other = await logIn("ann@sessions.test");
    const renewed = (await guest.get("refresh-session", { refreshToken: one.refreshToken })).refreshSession
      .session;
    const [socket, kept] = [await follow(one.accessToken), await follow(other.accessToken)];
    await guest.get("log-out", { refreshToken: renewed.refreshToken });
    for (const { accessToken } of [one, renewed]) expect(await codeOf(accessToken)).toBe("SESSION_ENDED");
    expect(await socket.untilClosed()).toBe(4401);
    expect(await codeOf(other.accessToken)).toBeUndefined();
    expect(kept.closed).not.toHaveBeenCalled();
  });

  test("by a change of password takes all others along", async () => {
    const one = await signUp("bea@sessions.test");
    const other = await logIn("bea@sessions.test");
    const sockets = [await follow(one.accessToken), await follow(other.accessToken)];
    const next = "three better words here";
    const change = `mutation ($old: String!, $next: String!) { passwordChange(currentPassword: $old, newPassword: $next) {
      session { accessToken refreshToken } userErrors { code } } }`;
    const { passwordChange } = await guest.as(one.accessToken).get(change, { old: password, next });
    for (const { accessToken } of [one, other]) expect(await codeOf(accessToken)).toBe("SESSION_ENDED");
    for (const socket of sockets) expect(await socket.untilClosed()).toBe(4401);
    expect(await codeOf(passwordChange.session.accessToken as string)).toBeUndefined();
    expect(await codeOf((await logIn("bea@sessions.test", next)).accessToken)).toBeUndefined();
  });

  test("by a refresh token that comes back takes the thief's tokens along; tabs within 30 s do not end it", async () => {
    const { refreshToken: first } = await signUp("cho@sessions.test");
    const refresh = async (refreshToken: string) =>
      (await guest.get("refresh-session", { refreshToken })).refreshSession.session;
    const second = (await refresh(first))?.refreshToken ?? "";
    const third = await refresh(second);
    for (const older of [first, second])
      expect((await refresh(older))?.refreshToken).toBe(third?.refreshToken);
    const madeUp = `${first.slice(0, -3)}${first.endsWith("AAA") ? "BBB" : "AAA"}`;
    expect(await refresh(madeUp)).toBeNull();
    expect(await refresh(third?.refreshToken ?? "")).toBeNull();
    expect(await codeOf(third?.accessToken ?? "")).toBe("SESSION_ENDED");
  });
});

describe("what follows a sign-in in one operation", () => {
  test("belongs to who was signed in, for a guest and for somebody else's session, under any name", async () => {
    const input = (email: string) => `input: { email: "${email}@shop.test", password: "demo-password-1" }`;
    const document: Document = `mutation ($key: String!) {
      id: logIn(${input("customer")}) { session { email: user { id: email orders { totalCount } } } }
      cartCreate(input: { idempotencyKey: $key }) { cart { id } userErrors { code } }
      logIn(${input("second")}) { ... on SessionPayload { session { user { email orders { totalCount } } } } }
      signUp(input: { email: "dan@sessions.test", password: "${password}", name: "Dan" }) {
        session { user { orders { totalCount } cart { id } } } }
    }`;
    const signedIn = (
      await guest.get("log-in", { input: { email: "seller@shop.test", password: "demo-password-1" } })
    ).logIn.session;
    for (const asker of [guest, guest.as(signedIn.accessToken)]) {
      const { data, errors } = await asker.send(document, { key: key() });
      expect(errors).toBeUndefined();
      expect(data.id.session.email).toMatchObject({ id: "customer@shop.test" });
      expect(data.id.session.email.orders.totalCount).toBeGreaterThanOrEqual(0);
      expect(data.logIn.session.user.orders.totalCount).toBeGreaterThanOrEqual(0);
      const mine = guest.as(
        (await guest.get("log-in", { input: { email: "customer@shop.test", password: "demo-password-1" } }))
          .logIn.session.accessToken,
      );
      expect((await mine.get(`{ me { cart { id } } }`)).me.cart.id).toBe(data.cartCreate.cart.id);
    }
  });
});
