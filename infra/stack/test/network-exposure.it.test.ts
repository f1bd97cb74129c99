import { connect } from "node:net";
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";
import { startShop } from "@shop/stack";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-exposure-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An address of this machine that others can reach; a container may have none. */
const outside = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;

function isReachable(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.once("connect", () => resolve((socket.destroy(), true))).once("error", () => resolve(false));
  });
}

async function logIn(url: string, password: string): Promise<boolean> {
  const query = `mutation($p: String!) { logIn(input: { email: "staff@shop.test", password: $p }) { session { accessToken } } }`;
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { p: password } }),
  });
  const { data } = (await response.json()) as { data: { logIn: { session: object | null } } };
  return data.logIn.session !== null;
}

test.skipIf(outside === undefined)(
  "GATEWAY_HOST opens the gateway alone, with passwords of this shop, to a folder that was a demo before",
  { timeout: 180_000 },
  async () => {
    const shop = { dataFolder: path.join(folder, "shop"), products: 5 };
    {
      await using demo = await startShop(shop);
      expect(await logIn(demo.url, "demo-password-1")).toBe(true);
    }
    await using open = await startShop({ ...shop, env: { GATEWAY_HOST: "0.0.0.0" } });
    const { gateway, services, stripe, stores } = await open.status();
    const host = outside ?? "";
    const portOf = (url: string) => Number(new URL(url).port);
    const lan = `http://${host}:${portOf(gateway.url)}`;

    expect((await fetch(`${lan}/readyz`)).status).toBe(200);
    const inner = [...Object.values(services), ...(stripe ? [stripe] : [])].map(({ url }) => url);
    for (const url of [...inner, stores.postgres, stores.redis, stores.nats])
      expect([url, await isReachable(portOf(url), host)]).toEqual([url, false]);
    expect((await fetch(`${lan}/metrics`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${portOf(gateway.url)}/metrics`)).status).toBe(200);

    expect(await logIn(`${lan}/graphql`, "demo-password-1")).toBe(false);
    const said = await readFile(path.join(shop.dataFolder, "launcher.log"), "utf8");
    const password =
      /Staff .* password (\S+)/.exec(said.slice(said.lastIndexOf("The shop is open")))?.[1] ?? "";
    expect(await logIn(`${lan}/graphql`, password)).toBe(true);

    // The bank's page of 3-D Secure, and nothing else of the stand-in.
    expect((await fetch(`${lan}/authenticate/pi_1_secret_2`)).status).toBe(404);
    expect(await (await fetch(`${lan}/authenticate/pi_1_secret_2`)).text()).toContain("No such payment");
    expect((await fetch(`${lan}/authenticate/..%2fv1%2fpayment_intents`)).status).toBe(404);
    expect((await stat(path.join(shop.dataFolder, "launcher.log"))).mode & 0o077).toBe(0);
  },
);

test(
  "all that a shop keeps is for its user alone, also in a folder that was open",
  { timeout: 180_000 },
  async () => {
    const dataFolder = path.join(folder, "closed");
    const open: string[] = [];
    for (const start of ["first", "second"]) {
      await using shop = await startShop({ dataFolder, products: 5 });
      await shop.status();
      for (const file of [".", ...(await readdir(dataFolder, { recursive: true }))]) {
        // Postgres' own come and go; nothing below a closed folder can be reached.
        const found = await lstat(path.join(dataFolder, file)).catch(() => undefined);
        if (found && (found.mode & 0o077) !== 0) open.push(`${start}: ${file}`);
      }
      expect(open).toEqual([]);
      await shop.stop();
      for (const name of [".", "logs", "logs/stripe.log", "stripe", "stripe/stripe.sqlite"])
        await chmod(path.join(dataFolder, name), 0o777);
    }
  },
);

test("what would open more is refused before anything is started", { timeout: 180_000 }, async () => {
  for (const env of [{ HOST: "0.0.0.0" }, { NODE_ENV: "production" }, { CART_HOST: "::" }]) {
    const start = startShop({ dataFolder: path.join(folder, "refused"), env });
    await expect(start).rejects.toThrow(/GATEWAY_HOST|BOOTSTRAP_USERS/);
  }
});
