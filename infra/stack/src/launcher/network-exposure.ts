import { isIP } from "node:net";
import { isEmail, normalEmail } from "@shop/values";
import { z } from "zod";
import { demoPassword } from "../demo/demo-users.ts";
import { tryParseJson } from "../messages.ts";
import { subgraphNames } from "../topology.ts";

/** From where the shop can be reached, and the users that it has from the start. */
export type Exposure = {
  /** The address on which the gateway listens. */
  gatewayHost: string;
  /** Whether other machines can reach the gateway. */
  isOpen: boolean;
  isProduction: boolean;
  /** The operator's own users, instead of the demo's. */
  users: BootstrapUser[] | undefined;
};

export type BootstrapUser = z.infer<typeof bootstrapUser>;

const bootstrapUser = z.object({
  email: z.string().refine((text) => isEmail(normalEmail(text)), "expected an e-mail address"),
  name: z.string().min(1),
  password: z.string().min(8, "expected a password of at least 8 characters"),
  roles: z.array(z.string()).min(1),
});

const example = `[{"email":"you@example.com","name":"You","password":"<a long one>","roles":["STAFF"]}]`;

/**
 * Reads what the environment opens to others. Throws one message that lists all that may not be open: the demo's public password, services and their metrics, a shop without limits, a stand-in for the payment provider in production.
 */
export function readExposure(env: NodeJS.ProcessEnv): Exposure {
  const setting = (name: string): string | undefined => env[name]?.trim() || undefined;
  const host = setting("GATEWAY_HOST") ?? "localhost";
  const gatewayHost = host === "localhost" ? "127.0.0.1" : host;
  const isOpen = !isLoopback(gatewayHost);
  const isProduction = ["NODE_ENV", "GATEWAY_NODE_ENV"].some((name) =>
    /^prod(uction)?$/i.test(setting(name) ?? ""),
  );
  const wrong: string[] = [];

  for (const name of ["HOST", ...subgraphNames.map((one) => `${one.toUpperCase()}_HOST`), "STRIPE_HOST"]) {
    const host = setting(name);
    if (host === undefined || isLoopback(host)) continue;
    wrong.push(
      `${name}=${host} would open services and their /metrics to the network. Unset it; GATEWAY_HOST=${host} opens the gateway alone.`,
    );
  }
  const users = readUsers(setting("ACCOUNT_BOOTSTRAP_USERS") ?? setting("BOOTSTRAP_USERS"), wrong);
  const isPublic = isOpen || isProduction;
  if (isPublic && (setting("GATEWAY_LIMITS") ?? setting("LIMITS")) === "off")
    wrong.push("LIMITS=off is for load tests on this machine alone. Unset it.");
  if (isPublic && users?.some(({ password }) => password === demoPassword))
    wrong.push(
      "BOOTSTRAP_USERS has the demo's password, which everybody knows. Give each of them another one.",
    );
  if (users && users.length > 0 && !users.some(({ roles }) => roles.includes("STAFF")))
    wrong.push("BOOTSTRAP_USERS lacks a person with the role STAFF. Add one.");
  if (isProduction) {
    if (users === undefined) {
      wrong.push(
        `BOOTSTRAP_USERS is missing, and without it the demo's staff opens the shop. Set it to your own: ${example}`,
      );
    }
    for (const name of ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]) {
      if (setting(name) === undefined)
        wrong.push(
          `${name} is missing, and without it a stand-in takes the payments. Set it to your Stripe account's.`,
        );
    }
  }
  if (wrong.length > 0) {
    const title = isProduction
      ? "NODE_ENV=production opens no demonstration (unset it for one):"
      : "This would open more than the shop's front door:";
    throw new Error(`${title}\n${wrong.map((line) => `  ${line}`).join("\n")}`);
  }
  return { gatewayHost, isOpen, isProduction, users };
}

/** 127.0.0.0/8, ::1, and the name of both. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (bare === "localhost" || bare === "::1" || bare === "0:0:0:0:0:0:0:1") return true;
  const v4 = bare.replace(/^::ffff:/, "");
  return isIP(v4) === 4 && v4.startsWith("127.");
}

/** How this machine reaches a server that listens on a host. */
export function urlOn(host: string, port: number): string {
  const bare = host.replace(/^\[|\]$/g, "");
  if (bare === "0.0.0.0" || bare === "localhost") return `http://127.0.0.1:${port}`;
  if (isIP(bare) !== 6) return `http://${bare}:${port}`;
  return `http://[${bare === "::" || /^[0:]+$/.test(bare) ? "::1" : bare}]:${port}`;
}

function readUsers(text: string | undefined, wrong: string[]): BootstrapUser[] | undefined {
  if (text === undefined) return undefined;
  const value = tryParseJson(text);
  if (value === undefined) {
    wrong.push(`BOOTSTRAP_USERS: expected JSON such as ${example}`);
    return [];
  }
  const read = z.array(bootstrapUser).min(1).safeParse(value);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  wrong.push(`BOOTSTRAP_USERS: ${issues.join("; ")}; expected such as ${example}`);
  return [];
}
