import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { demoPassword, demoUsers } from "../demo/demo-users.ts";
import type { Exposure, BootstrapUser } from "./exposure.ts";

/** Who is known in a shop from its start, and by whom its demo data are loaded. */
export type BootstrapUsers = {
  /** Account adds those that are missing. */
  people: BootstrapUser[];
  /** Logins that must not work any more: account gives them another password. */
  replaced: { email: string; known: string; password: string }[];
  staff: { email: string; password: string };
  /** What the demo's people log in with; undefined where there are none. */
  demoPassword: string | undefined;
};

/**
 * The demo's people have the password of the README as long as only this machine reaches the shop. Once its gateway has been
 * open to others, they have one of this shop's own, and keep it. Where the shop has people of its own, they can't log in.
 */
export async function bootstrapUsersOf(
  dataFolder: string,
  { isOpen, isProduction, people }: Exposure,
  ownPassword: string,
): Promise<BootstrapUsers> {
  const mark = path.join(dataFolder, "own-demo-password");
  const isOwn = isOpen || isProduction || existsSync(mark);
  if (isOwn) await writeFile(mark, "", { mode: 0o600 });
  const replace = (known: string[], password: string): BootstrapUsers["replaced"] =>
    demoUsers.flatMap(({ email }) => known.map((one) => ({ email, known: one, password })));
  if (people) {
    // The shop's own password was shown to those who tried the demo.
    const replaced = isOwn ? replace([demoPassword, ownPassword], randomUUID()) : [];
    const { email = "", password = "" } = people.find(({ roles }) => roles.includes("STAFF")) ?? {};
    return { people, replaced, staff: { email, password }, demoPassword: undefined };
  }
  const password = isOwn ? ownPassword : demoPassword;
  return {
    people: demoUsers.map((one) => ({ ...one, password })),
    replaced: isOwn ? replace([demoPassword], ownPassword) : [],
    staff: { email: "staff@shop.test", password },
    demoPassword: password,
  };
}
