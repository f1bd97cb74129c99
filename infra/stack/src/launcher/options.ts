import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { repository } from "../repository.ts";
import { readExposure, type Exposure } from "./exposure.ts";
import { seededBefore } from "./seed-demo.ts";

export type ShopOptions = {
  isSplit: boolean;
  /** Whether a program is restarted when one of its files is saved. */
  isWatched: boolean;
  /** Whether each process has a port for debuggers. */
  isInspected: boolean;
  shouldReset: boolean;
  dataFolder: string;
  products: number;
  search: "embedded" | "elasticsearch";
  /** What the names of search's indices begin with. */
  searchPrefix: string;
  /** The gateway's. */
  port: number;
  exposure: Exposure;
  given: {
    postgres?: string | undefined;
    redis?: string | undefined;
    nats?: string | undefined;
    elasticsearch?: string | undefined;
    stripeKey?: string | undefined;
    stripeWebhookSecret?: string | undefined;
  };
};

/** What the command line and the environment ask for. Throws one message with all that is wrong. */
export function readOptions(argv: string[], env: NodeJS.ProcessEnv): ShopOptions {
  const command = new Command("npm start --")
    .description("Starts the whole shop on this machine.")
    .option("--split", "each service in a process of its own", false)
    .option("--watch", "restart what a saved file belongs to; each service in a process of its own", false)
    .option("--inspect", "a port for debuggers in each process", false)
    .option("--reset", "begin afresh: forget all data of this shop", false)
    .option("--data <folder>", "where this shop keeps its data", path.join(repository, ".data", "shop"))
    .option("--products <n>", "size of the demo catalogue (2000)", wholeNumber)
    .addOption(new Option("--search <engine>", "search engine").choices(["embedded", "elasticsearch"]));
  command.parse(argv, { from: "user" });
  const options = flags.parse(command.opts());
  const dataFolder = path.resolve(options.data);
  const settings = readSettings(env);
  const exposure = readExposure(env);
  const { isProduction } = exposure;
  if (isProduction && options.products)
    throw new Error(
      "--products: NODE_ENV=production has no demo catalogue; load your own by `npm run import`.",
    );
  if (!isProduction && settings.STRIPE_SECRET_KEY?.includes("_live_"))
    throw new Error(`The environment is not valid:\n  STRIPE_SECRET_KEY: ${testKeyOnly}`);
  const search = options.search ?? (settings.ELASTICSEARCH_URL === undefined ? "embedded" : "elasticsearch");
  return {
    search,
    searchPrefix: settings.SEARCH_ELASTICSEARCH_PREFIX || settings.ELASTICSEARCH_PREFIX || "shop",
    isSplit: options.split || options.watch,
    isWatched: options.watch,
    isInspected: options.inspect,
    shouldReset: options.reset,
    dataFolder,
    // Who doesn't say how large gets the shop that is there.
    products: isProduction
      ? 0
      : (options.products ?? (options.reset ? undefined : seededBefore(dataFolder)) ?? 2000),
    port: settings.PORT,
    exposure,
    given: {
      postgres: settings.DATABASE_URL,
      redis: settings.REDIS_URL,
      nats: settings.NATS_URL,
      elasticsearch: settings.ELASTICSEARCH_URL,
      stripeKey: settings.STRIPE_SECRET_KEY,
      stripeWebhookSecret: settings.STRIPE_WEBHOOK_SECRET,
    },
  };
}

const flags = z.object({
  split: z.boolean(),
  watch: z.boolean(),
  inspect: z.boolean(),
  reset: z.boolean(),
  data: z.string().min(1),
  products: z.int().optional(),
  search: z.enum(["embedded", "elasticsearch"]).optional(),
});

/** The staff of a demonstration has a password that everybody knows. */
const testKeyOnly =
  "expected a test key such as sk_test_…; `npm start` opens a demonstration, which moves no real money";
const address = z.preprocess((text) => text || undefined, z.url().optional());
const aPort = "expected a port, a number from 1 to 65535";
const environment = z.object({
  PORT: z.preprocess(
    (text) => text || "4000",
    z.coerce.number(aPort).int(aPort).min(1, aPort).max(65_535, aPort),
  ),
  DATABASE_URL: address,
  REDIS_URL: address,
  NATS_URL: address,
  ELASTICSEARCH_URL: address,
  // As search reads it.
  SEARCH_ELASTICSEARCH_PREFIX: z.string().optional(),
  ELASTICSEARCH_PREFIX: z.string().optional(),
  STRIPE_SECRET_KEY: z.preprocess(
    (text) => text || undefined,
    z
      .string()
      .regex(/^(sk|rk)_(test|live)_/, testKeyOnly)
      .optional(),
  ),
  // Several while one is replaced by the next, with commas between.
  STRIPE_WEBHOOK_SECRET: z.preprocess(
    (text) => text || undefined,
    z
      .string()
      .regex(
        /^\s*whsec_[^,\s]+(\s*,\s*whsec_[^,\s]+)*\s*$/,
        "expected whsec_…, or several with commas between",
      )
      .optional(),
  ),
});

function readSettings(env: NodeJS.ProcessEnv): z.infer<typeof environment> {
  const read = environment.safeParse(env);
  if (read.success) return read.data;
  const wrong = read.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment is not valid:\n${wrong.join("\n")}`);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 0 to 9999999.");
  return Number(text);
}
