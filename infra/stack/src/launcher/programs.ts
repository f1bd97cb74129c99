import { randomUUID } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { subgraphNames, topology, type Subgraph, type SubgraphName } from "../topology.ts";
import { repository } from "../repository.ts";
import { freePort } from "../processes/free-port.ts";
import type { BootstrapUsers } from "./bootstrap-users.ts";
import type { ShopPorts } from "./choose-ports.ts";
import { urlOn } from "./network-exposure.ts";
import type { ShopOptions } from "./options.ts";
import type { ReservedPort } from "./reserve-port.ts";
import { audienceKey, type Secrets } from "./secrets.ts";

/** A program of the shop: its arguments, its environment, and the URLs that show that it is ready. */
export type ShopProgram = {
  name: string;
  args: string[];
  env: Record<string, string>;
  /** All must answer 200. */
  readyUrls: string[];
  /** The header x-shop-instance of these answers. */
  instance?: string;
  /** Its listening socket, handed over at each start. */
  port?: ReservedPort;
  /** Where a debugger may attach. */
  inspectPort?: number;
};

const stripeMain = path.join(repository, "infra/stripe/src/main.ts");
const gatewayMain = path.join(repository, "gateway/src/main.ts");
const service = path.join(repository, "infra/service/src");
// Node takes `--import` as a URL, in which some characters of a path mean something else.
const host = [
  pathToFileURL(path.join(service, "runtime/resolve-drizzle.ts")).href,
  path.join(service, "host.ts"),
];
const mainOf = (name: SubgraphName) => path.join(repository, "subgraphs", name, "src/main.ts");

/** The files that each program runs; one host runs all services. */
export const programFiles = [
  ["--import", ...host, ...subgraphNames.map(mainOf)],
  [gatewayMain],
  [stripeMain],
];

type Context = {
  options: ShopOptions;
  ports: ShopPorts;
  secrets: Secrets;
  users: BootstrapUsers;
  /** By service: the settings of its stores. */
  storeEnv: Record<string, Record<string, string>>;
};

/** The stand-in for Stripe; undefined with a key of the real one. */
export function stripeProgram({ options, ports, secrets }: Context): ShopProgram | undefined {
  if (options.stripe.key !== undefined) return undefined;
  return {
    name: "stripe",
    args: [stripeMain],
    env: {
      PORT: String(ports.stripe),
      SHOP_INSTANCE: instanceOf("stripe"),
      STRIPE_DATA_FOLDER: path.join(options.dataFolder, "stripe"),
      STRIPE_WEBHOOK_URL: `${urlOn(options.exposure.gatewayHost, ports.gateway)}/webhooks/stripe`,
      STRIPE_WEBHOOK_SECRET: secrets.stripeWebhook,
    },
    readyUrls: [`${local(ports.stripe)}/healthz`],
    instance: instanceOf("stripe"),
  };
}

/** A low heap limit makes V8 collect earlier: the load of the demo catalogue leaves 100 MB less behind. */
function heapLimit(products: number): string {
  return `--max-old-space-size=${products > 100_000 ? 4096 : 768}`;
}

/** Node's arguments for a host of services, for the heap that a shop of this size needs. */
export function hostArguments(products: number, members: readonly SubgraphName[]): string[] {
  return [heapLimit(products), "--import", ...host, ...members.map(mainOf)];
}

/** One host for all subgraphs, or with --split one for each. */
export function servicePrograms(context: Context): ShopProgram[] {
  const groups = context.options.isSplit
    ? subgraphNames.map((name) => ({ name: name as string, members: [name] }))
    : [{ name: "subgraphs", members: subgraphNames }];
  return groups.map(({ name, members }) => ({
    name,
    args: hostArguments(context.options.products, members),
    env: Object.assign(
      { SHOP_INSTANCE: instanceOf(name) },
      ...members.map((member) => serviceEnv(member, context)),
    ) as Record<string, string>,
    instance: instanceOf(name),
    readyUrls: members.map((member) => `${local(context.ports.services[member])}/readyz`),
  }));
}

export function gatewayProgram(
  { options, ports, secrets, storeEnv }: Context,
  port: ReservedPort,
): ShopProgram {
  const host = options.exposure.gatewayHost;
  const subgraphs = subgraphNames.map((name) => [name, `${local(ports.services[name])}/graphql`]);
  return {
    name: "gateway",
    // Half of what services have: under a stream of large documents all of a young generation is resident.
    args: [heapLimit(0), "--max-semi-space-size=16", gatewayMain],
    env: {
      ...storeEnv["gateway"],
      SHOP_INSTANCE: instanceOf("gateway"),
      GATEWAY_PORT: String(ports.gateway),
      GATEWAY_HOST: host,
      GATEWAY_SUBGRAPHS: JSON.stringify(Object.fromEntries(subgraphs)),
      GATEWAY_IDENTITY_MASTER_KEY: secrets.identityMaster,
      GATEWAY_JWKS: secrets.jwks,
      GATEWAY_READY_MIN_PRODUCTS: String(options.products),
      ...(options.stripe.key === undefined && { GATEWAY_BANK_PAGE_URL: local(ports.stripe) }),
    },
    readyUrls: [`${urlOn(host, ports.gateway)}/healthz`],
    instance: instanceOf("gateway"),
    port,
  };
}

function serviceEnv(
  name: SubgraphName,
  { options, ports, secrets, users, storeEnv }: Context,
): Record<string, string> {
  const { calls, sealsFor = [] }: Subgraph = topology[name];
  const keys = [...calls, ...sealsFor].map((one) => [one, audienceKey(secrets.identityMaster, one)]);
  const settings: Record<string, string> = {
    PORT: String(ports.services[name]),
    HOST: "127.0.0.1",
    IDENTITY_KEY: audienceKey(secrets.identityMaster, name),
    CALLEE_KEYS: JSON.stringify(Object.fromEntries(keys)),
    ...ownSettings(name, options, ports, secrets, users),
  };
  const prefix = name.toUpperCase();
  return {
    ...storeEnv[name],
    ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${prefix}_${key}`, value])),
  };
}

/** The settings of this service alone. */
function ownSettings(
  name: SubgraphName,
  options: ShopOptions,
  ports: ShopPorts,
  secrets: Secrets,
  { users, replaced }: BootstrapUsers,
): Record<string, string> {
  switch (name) {
    case "account":
      return {
        JWT_PRIVATE_JWK: secrets.jwtPrivateJwk,
        BOOTSTRAP_USERS: JSON.stringify(users),
        ...(replaced.length > 0 && { REPLACED_PASSWORDS: JSON.stringify(replaced) }),
      };
    case "order":
      return { ORDER_TOKEN_KEYS: `k1:${secrets.orderTokenKey}` };
    case "search":
      // The embedded engine's; not used where the stores have an Elasticsearch.
      return { DATA_FOLDER: path.join(options.dataFolder, "search") };
    case "payment":
      return {
        STRIPE_SECRET_KEY: options.stripe.key ?? "sk_test_local",
        STRIPE_WEBHOOK_SECRET: (options.stripe.key && options.stripe.webhookSecret) || secrets.stripeWebhook,
        ...(options.stripe.key === undefined && { STRIPE_API_URL: local(ports.stripe) }),
      };
    default:
      return {};
  }
}

const run = randomUUID();

/** Distinguishes a program of this launcher from another shop's. */
function instanceOf(program: string): string {
  return `${program} ${run}`;
}

/** With --inspect: the same program with a port for debuggers. */
export async function withInspector(program: ShopProgram): Promise<ShopProgram> {
  return { ...program, inspectPort: await freePort() };
}

const local = (port: number): string => `http://127.0.0.1:${port}`;
