import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { readFaultSettings, startStandIn, type FaultSettings, type StandInOptions } from "../src/index.ts";

type Options = { faults?: Partial<FaultSettings>; webhook?: StandInOptions["webhook"] };

/** A stand-in of its own folder, and the real SDK that speaks to it. */
export async function givenStandIn({ faults, webhook }: Options = {}) {
  const dataFolder = mkdtempSync(join(tmpdir(), "stripe-stand-in-"));
  const start = () =>
    startStandIn({
      port: 0,
      dataFolder,
      faults: { ...readFaultSettings({}), webhookDelayMs: 0, ...faults },
      ...(webhook && { webhook }),
    });
  let standIn = await start();
  return {
    get url() {
      return standIn.url;
    },
    sdk: (key = "sk_test_shop") =>
      new Stripe(key, {
        host: "127.0.0.1",
        port: standIn.port,
        protocol: "http",
        maxNetworkRetries: 0,
        telemetry: false,
      }),
    async restart() {
      await standIn[Symbol.asyncDispose]();
      standIn = await start();
    },
    /** What the SDK has no call for: the test endpoints. */
    async test(path: string, params: Record<string, string>) {
      const response = await fetch(`${standIn.url}/v1/test/${path}`, {
        method: "POST",
        headers: { authorization: "Bearer sk_test_shop" },
        body: new URLSearchParams(params),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async [Symbol.asyncDispose]() {
      await standIn[Symbol.asyncDispose]();
      rmSync(dataFolder, { recursive: true });
    },
  };
}
