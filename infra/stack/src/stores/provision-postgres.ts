import postgres from "postgres";
import type { StoreUser } from "./store-user.ts";

/**
 * Gives each service a database that no other role may enter and a role that owns it, both called `shop_<name>`.
 * Repeatable. Returns each service's URL.
 */
export async function provisionPostgres(
  adminUrl: string,
  services: StoreUser[],
): Promise<Record<string, string>> {
  const admin = postgres(adminUrl, { max: 4, onnotice: () => undefined });
  try {
    await closeCommonDatabases(admin);
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
  }
  // Checked at each start: a dump that was restored brings no privileges of databases with it.
  if (await isOpenToAll(admin, role)) await admin.unsafe(`REVOKE ALL ON DATABASE ${role} FROM PUBLIC`);
}

/**
 * By default every role may enter the databases that a server begins with, and make temporary tables there. On a server that
 * others use as well only a warning names the statement, since others may need that access.
 */
async function closeCommonDatabases(admin: postgres.Sql): Promise<void> {
  const [others] = await admin<{ names: string[] }[]>`
    SELECT coalesce(array_agg(rolname::text), '{}') AS names FROM pg_roles
    WHERE rolcanlogin AND NOT rolsuper AND rolname <> current_user AND rolname NOT LIKE 'shop@_%' ESCAPE '@'`;
  const open = await admin<{ name: string; isOurs: boolean }[]>`
    SELECT datname AS name, pg_has_role(current_user, datdba, 'USAGE') AS "isOurs" FROM pg_database
    WHERE datname IN ('postgres', 'template1') AND datallowconn
      AND EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE grantee = 0)`;
  for (const { name, isOurs } of open) {
    const statement = `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`;
    if (isOurs && others?.names.length === 0) await admin.unsafe(statement);
    else {
      console.warn(
        `The database "${name}" of the Postgres that you bring can be entered by the shop's services. Where nothing else needs that: ${statement};`,
      );
    }
  }
  // Since Postgres 15 this is so from the start.
  const [schema] = await admin<{ isOpen: boolean }[]>`
    SELECT EXISTS (SELECT FROM aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
                   WHERE grantee = 0 AND privilege_type = 'CREATE') AS "isOpen"
    FROM pg_namespace WHERE nspname = 'public'`;
  if (schema?.isOpen && others?.names.length === 0) await admin`REVOKE CREATE ON SCHEMA public FROM PUBLIC`;
}

async function isOpenToAll(admin: postgres.Sql, database: string): Promise<boolean> {
  const found = await admin`
    SELECT FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
    WHERE datname = ${database} AND grantee = 0`;
  return found.length > 0;
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
