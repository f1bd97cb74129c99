import { createClient } from "graphql-ws";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { endedElsewhere } from "./shop/account.ts";
import { openShop, type TestShop } from "./shop/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());
afterEach(() => endedElsewhere.splice(0));

const whoAsks = (token: string) => shop.ask(`mutation { orderAsks }`, { token });

/** Opens a socket with this token and a subscription; returns how it was closed. */
async function follow(token: string) {
  const closed = vi.fn<(event: unknown) => void>();
  const opened = vi.fn<() => void>();
  const client = createClient({
    url: `${shop.gateway.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
    connectionParams: { authorization: `Bearer ${token}` },
    on: { closed, connected: opened },
  });
  await vi.waitFor(() => expect(opened).toHaveBeenCalled());
  client.subscribe(
    { query: `subscription { myOrdersUpdated { cursor } }` },
    { next: () => undefined, error: () => undefined, complete: () => undefined },
  );
  return { client, closed };
}

describe("a session that has ended", () => {
  test("is refused at once by the gateway that ended it, and its sockets are closed for good", async () => {
    const [token, other] = [await shop.token({ userId: "ann", sid: "a" }), await shop.token({ sid: "b" })];
    const [{ closed }, kept] = [await follow(token), await follow(other)];
    expect((await whoAsks(token)).data).toEqual({ orderAsks: "ann" });
    await shop.ask(`mutation { leave(sids: ["a"]) }`);

    const { status, errors } = await whoAsks(token);
    expect(status).toBe(401);
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED", reason: "SESSION_ENDED" } }]);
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    expect(closed.mock.calls[0]?.[0]).toMatchObject({ code: 4401 });
    await vi.waitFor(() => expect(shop.order.openSockets()).toBe(1));
    expect(kept.closed).not.toHaveBeenCalled();
    expect((await whoAsks(other)).data).toEqual({ orderAsks: "usr_1" });
    // A log-in that sends the stale token too.
    expect(
      (await shop.ask(`mutation { refreshSession(refreshToken: "x") { accessToken } }`, { token })).status,
    ).toBe(200);
    await kept.client.dispose();
  });

  test("still answers the log-out that came over its own socket", async () => {
    const token = await shop.token({ userId: "bea", sid: "c" });
    const { client, closed } = await follow(token);
    const answer = new Promise((resolve, reject) => {
      client.subscribe(
        { query: `mutation { leave(sids: ["c"]) orderAsks }` },
        { next: resolve, error: reject, complete: () => undefined },
      );
    });
    expect(await answer).toEqual({ data: { leave: 1, orderAsks: "guest" } });
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    const late = await follow(token).catch(() => "refused");
    expect(late).toBe("refused");
  });

  test("is known within seconds to the gateways that had no part in it", async () => {
    const token = await shop.token({ userId: "cho", sid: "d" });
    const { closed } = await follow(token);
    endedElsewhere.push("d");
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 5_000 });
    expect((await whoAsks(token)).status).toBe(401);
  });

  test("is known to a gateway from its start", async () => {
    endedElsewhere.push("sid_dan");
    await using fresh = await openShop();
    const token = await fresh.token({ userId: "dan" });
    expect((await fresh.ask(`mutation { orderAsks }`, { token })).status).toBe(401);
  });

  test("an outage of account ends no session, and the log says what that means", async () => {
    await using other = await openShop();
    const token = await other.token();
    await other.account.stop();
    await vi.waitFor(() => expect(other.logs.join()).toContain("which sessions ended"), { timeout: 5_000 });
    expect((await other.ask(`mutation { orderAsks }`, { token })).data).toEqual({ orderAsks: "usr_1" });
  });
});

describe("what follows a sign-in in one operation", () => {
  test("runs as the new user in every service, whatever the client selects or calls things", async () => {
    const token = await shop.token({ userId: "old" });
    const { data, errors } = await shop.ask(
      `mutation {
        first: orderAsks
        id: enter(userId: "ann") { user { name: askedBy } }
        second: orderAsks
        data: enter(userId: "bea") { ...E }
        enter(userId: "cho") { user { askedBy } }
        last: orderAsks
      }
      fragment E on Entered { accessToken: __typename user { id: askedBy } }`,
      { token },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      first: "old",
      id: { user: { name: "ann" } },
      second: "ann",
      data: { accessToken: "Entered", user: { id: "bea" } },
      enter: { user: { askedBy: "cho" } },
      last: "cho",
    });
    expect((await whoAsks(token)).data).toEqual({ orderAsks: "old" });
  });

  test("runs as a guest after the caller's own session has ended, and not after another's", async () => {
    const token = await shop.token({ userId: "eve", sid: "mine" });
    const mutation = `mutation ($sids: [String!]!) { leave(sids: $sids) orderAsks }`;
    const ask = async (sid: string) => (await shop.ask(mutation, { token, variables: { sids: [sid] } })).data;
    expect(await ask("another's")).toEqual({ leave: 1, orderAsks: "eve" });
    expect(await ask("mine")).toEqual({ leave: 1, orderAsks: "guest" });
    const again = await shop.ask(
      `mutation { leave(sids: ["x"]) enter(userId: "fay") { user { askedBy } } orderAsks }`,
    );
    expect(again.data).toEqual({ leave: 1, enter: { user: { askedBy: "fay" } }, orderAsks: "fay" });
  });

  test("stays with the caller where the token can't be verified, and none of it reaches the client", async () => {
    await using other = await openShop({ JWKS: { keys: [await someKey()] } });
    const { data, ...rest } = await other.ask(
      `mutation { enter(userId: "ann") { user { askedBy } } orderAsks }`,
    );
    expect(data).toEqual({ enter: { user: { askedBy: "guest" } }, orderAsks: "guest" });
    expect(JSON.stringify(rest)).not.toContain("sessions");
    expect(other.logs.join()).toContain("compare its JWKS");
  });
});

async function someKey() {
  const { publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  return { ...(await exportJWK(publicKey)), kty: "OKP" };
}
