import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { defaultDataFolder } from "../repository.ts";
import type { ExternalStores } from "../stores/check-external-stores.ts";
import { readExposure, type Exposure } from "./network-exposure.ts";
import { readSeedMark } from "./seed-mark.ts";

type Engine = "embedded" | "elasticsearch";

export type ShopOptions = {
  isSplit: boolean;
  /** Whether a program is restarted when one of its files is saved. */
  isWatched: boolean;
  /** Whether each process has a port for debuggers. */
  isInspected: boolean;
  shouldReset: boolean;
  dataFolder: string;
  products: number;
  search: Engine;
  /** The prefix of the names of search's indices. */
  searchPrefix: string;
  /** The gateway's. */
  port: number;
  exposure: Exposure;
  externalStores: ExternalStores;
  /** Of the real Stripe; without a key the stand-in takes the payments. */
  stripe: { key: string | undefined; webhookSecret: string | undefined };
};

/** The options of the command line and the environment. Throws one message that lists all that is wrong. */
export function readOptions(argv: string[], env: NodeJS.ProcessEnv): ShopOptions {
  const options = readFlags(argv);
  const settings = readSettings(env);
  const exposure = readExposure(env);
  const { isProduction } = exposure;
  if (isProduction && options.products)
    throw new Error(
      "--products: NODE_ENV=production has no demo catalogue; load your own by `npm run import`.",
    );
  if (!isProduction && settings.STRIPE_SECRET_KEY?.includes("_live_"))
    throw new Error(`The environment is not valid:\n  STRIPE_SECRET_KEY: ${testKeyOnly}`);
  // The size of the shop that is there is the default.
  const products = options.products ?? (options.reset ? undefined : readSeedMark(options.data)) ?? 2000;
  return {
    search: options.search ?? (settings.ELASTICSEARCH_URL === undefined ? "embedded" : "elasticsearch"),
    searchPrefix: settings.SEARCH_ELASTICSEARCH_PREFIX || settings.ELASTICSEARCH_PREFIX || "shop",
    isSplit: options.split || options.watch,
    isWatched: options.watch,
    isInspected: options.inspect,
    shouldReset: options.reset,
    dataFolder: options.data,
    products: isProduction ? 0 : products,
    port: settings.PORT,
    exposure,
    externalStores: {
      postgres: settings.DATABASE_URL,
      redis: settings.REDIS_URL,
      nats: settings.NATS_URL,
      elasticsearch: settings.ELASTICSEARCH_URL,
    },
    stripe: { key: settings.STRIPE_SECRET_KEY, webhookSecret: settings.STRIPE_WEBHOOK_SECRET },
  };
}

type Flags = Record<"split" | "watch" | "inspect" | "reset", boolean> & {
  data: string;
  products?: number;
  search?: Engine;
};

function readFlags(argv: string[]): Flags {
  return new Command("npm start --")
    .description("Starts the whole shop on this machine.")
    .option("--split", "each service in a process of its own", false)
    .option("--watch", "restart what a saved file belongs to; each service in a process of its own", false)
    .option("--inspect", "a port for debuggers in each process", false)
    .option("--reset", "begin afresh: forget all data of this shop", false)
    .option("--data <folder>", "where this shop keeps its data", folder, defaultDataFolder)
    .option("--products <n>", "size of the demo catalogue (2000)", wholeNumber)
    .addOption(new Option("--search <engine>", "search engine").choices(["embedded", "elasticsearch"]))
    .parse(argv, { from: "user" })
    .opts<Flags>();
}

function folder(text: string): string {
  if (text === "") throw new InvalidArgumentError("Expected a folder.");
  return path.resolve(text);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 0 to 9999999.");
  return Number(text);
}

/** The staff of a demonstration has a public password, so it may move no real money. */
const testKeyOnly =
  "expected a test key such as sk_test_…; `npm start` opens a demonstration, which moves no real money";
const aPort = "expected a port, a number from 1 to 65535";
const webhookSecrets = "expected whsec_…, or several with commas between";

/** A setting that is empty is none. */
const optional = (schema: z.ZodType<string>) => z.preprocess((text) => text || undefined, schema.optional());

const environment = z.object({
  PORT: z.preprocess(
    (text) => text || "4000",
    z.coerce.number(aPort).int(aPort).min(1, aPort).max(65_535, aPort),
  ),
  DATABASE_URL: optional(z.url()),
  REDIS_URL: optional(z.url()),
  NATS_URL: optional(z.url()),
  ELASTICSEARCH_URL: optional(z.url()),
  // Under the two names by which search reads it.
  SEARCH_ELASTICSEARCH_PREFIX: z.string().optional(),
  ELASTICSEARCH_PREFIX: z.string().optional(),
  STRIPE_SECRET_KEY: optional(z.string().regex(/^(sk|rk)_(test|live)_/, testKeyOnly)),
  // Several while one is replaced by the next, with commas between.
  STRIPE_WEBHOOK_SECRET: optional(
    z.string().regex(/^\s*whsec_[^,\s]+(\s*,\s*whsec_[^,\s]+)*\s*$/, webhookSecrets),
  ),
});

function readSettings(env: NodeJS.ProcessEnv): z.infer<typeof environment> {
  const read = environment.safeParse(env);
  if (read.success) return read.data;
  const wrong = read.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment is not valid:\n${wrong.join("\n")}`);
}
