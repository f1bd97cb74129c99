import postgres from "postgres";
import type { StoreUser } from "./store-user.ts";

/**
 * Gives each service a database that nobody else may enter and a role that owns it, both called `shop_<name>`.
 * Repeatable. Answers each service's URL.
 */
export async function provisionPostgres(
  adminUrl: string,
  services: StoreUser[],
): Promise<Record<string, string>> {
  const admin = postgres(adminUrl, { max: 4, onnotice: () => undefined });
  try {
    await Promise.all(services.map((service) => provision(admin, service)));
  } finally {
    await admin.end();
  }
  return Object.fromEntries(services.map((service) => [service.name, serviceUrl(adminUrl, service)]));
}

async function provision(admin: postgres.Sql, { name, password }: StoreUser): Promise<void> {
  const role = `shop_${name}`;
  const [known] = await admin<{ hasRole: boolean; hasDatabase: boolean }[]>`
    SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ${role}) AS "hasRole",
           EXISTS (SELECT FROM pg_database WHERE datname = ${role}) AS "hasDatabase"`;
  const quoted = `'${password.replaceAll("'", "''")}'`;
  if (!known?.hasRole) {
    await admin.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD ${quoted}`);
    for (const [setting, value] of Object.entries(roleSettings)) {
      await admin.unsafe(`ALTER ROLE ${role} SET ${setting} = '${value}'`);
    }
  } else {
    await admin.unsafe(`ALTER ROLE ${role} PASSWORD ${quoted}`);
  }
  if (!known?.hasDatabase) {
    await admin.unsafe(`CREATE DATABASE ${role} OWNER ${role}`);
    await admin.unsafe(`REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`);
  }
}

/** The last line of defence: the service's own deadlines are shorter. */
const roleSettings = {
  statement_timeout: "15s",
  lock_timeout: "10s",
  idle_in_transaction_session_timeout: "15s",
};

function serviceUrl(adminUrl: string, { name, password }: StoreUser): string {
  const url = new URL(adminUrl);
  url.username = `shop_${name}`;
  url.password = password;
  url.pathname = `/shop_${name}`;
  return url.href;
}
