import { jsonSetting, readConfig } from "@shop/service/config";
import { z } from "zod";
import { defaultBudgets } from "./limits/operation-limits.ts";

/** Reads the gateway's settings; throws one error that lists all wrong ones. */
export function readGatewayConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  const config = readConfig("gateway", settings, env);
  if (config.LIMITS === "off" && config.NODE_ENV === "production") {
    throw new Error("LIMITS=off is for load tests and is refused with NODE_ENV=production.");
  }
  if (config.BANK_PAGE_URL !== undefined && config.NODE_ENV === "production") {
    throw new Error("BANK_PAGE_URL is a stand-in's and is refused with NODE_ENV=production.");
  }
  return config;
}

const settings = {
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  HOST: z.string().default("127.0.0.1"),
  /** A listening socket that the launcher hands over, instead of PORT and HOST. */
  LISTEN_FD: z.coerce.number().int().min(3).optional(),
  METRICS_FROM: z.enum(["machine", "network"]).default("machine"),
  BANK_PAGE_URL: z.url().optional(),
  SUBGRAPHS: jsonSetting(z.record(z.string(), z.url())),
  IDENTITY_MASTER_KEY: z.string().min(16, "needs at least 16 characters"),
  JWKS: jsonSetting(z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })),
  REDIS_URL: z.url(),
  LIMITS: z.enum(["on", "off"]).default("on"),
  COST_PER_ADDRESS: z.coerce.number().int().min(1_000).default(defaultBudgets.perAddress),
  COST_PER_USER: z.coerce.number().int().min(1_000).default(defaultBudgets.perUser),
  NODE_ENV: z.string().default("development"),
  READY_MIN_PRODUCTS: z.coerce.number().int().min(0).default(0),
  TRUST_PROXY: z.coerce.number().int().min(0).max(10).default(0),
  PUBLIC_URL: z.url().optional(),
  READ_TIMEOUT_MS: z.coerce.number().int().min(100).default(5_000),
  WRITE_TIMEOUT_MS: z.coerce.number().int().min(100).default(30_000),
  MAX_SOCKETS: z.coerce.number().int().min(1).default(10_000),
  MAX_SOCKETS_PER_ADDRESS: z.coerce.number().int().min(1).default(100),
  MAX_SUBSCRIPTIONS: z.coerce.number().int().min(1).default(15_000),
  MAX_SUBSCRIPTIONS_PER_ADDRESS: z.coerce.number().int().min(1).default(1_000),
  MAX_SUBSCRIPTIONS_PER_USER: z.coerce.number().int().min(1).default(200),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
};

export type GatewayConfig = z.infer<z.ZodObject<typeof settings>>;
