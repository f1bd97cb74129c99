import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Stripe from "stripe";
import { expect, test } from "vitest";

const program = new URL("../src/main.ts", import.meta.url).pathname;

async function run(folder: string) {
  const child = spawn(process.execPath, [program], {
    env: { STRIPE_DATA_FOLDER: folder, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const sdk = new Stripe("sk_test_shop", {
    host: "127.0.0.1",
    port: new URL(line.split(" ").at(-1) ?? "").port,
    protocol: "http",
    maxNetworkRetries: 0,
    telemetry: false,
  });
  const end = async (signal: NodeJS.Signals) => {
    const exited = once(child, "exit");
    child.kill(signal);
    return (await exited)[0] as number | null;
  };
  return { sdk, end };
}

test("a kill -9 loses no intent that was answered", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stripe-stand-in-"));
  try {
    const first = await run(folder);
    const answered: string[] = [];
    const half = Promise.withResolvers<void>();
    const load = Array.from({ length: 8 }, async () => {
      for (;;) {
        const intent = await first.sdk.paymentIntents
          .create({ amount: 100, currency: "usd" })
          .catch(() => undefined);
        if (!intent) return;
        answered.push(intent.id);
        if (answered.length === 100) half.resolve();
      }
    });
    await half.promise;
    await first.end("SIGKILL");
    await Promise.all(load);

    const second = await run(folder);
    const found = await Promise.all(answered.map((id) => second.sdk.paymentIntents.retrieve(id)));
    expect(found.map((one) => one.id)).toEqual(answered);
    expect(await second.end("SIGTERM")).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
