import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { demoPassword, demoUsers } from "../demo/demo-users.ts";
import type { Exposure, BootstrapUser } from "./network-exposure.ts";

/** The users that a shop has from its start, and the member of staff that loads its demo data. */
export type BootstrapUsers = {
  /** Account adds those that are missing. */
  users: BootstrapUser[];
  /** Passwords that must no longer work: account replaces them. */
  replaced: { email: string; known: string; password: string }[];
  staff: { email: string; password: string };
  /** The password of the demo's users; undefined where there are none. */
  demoPassword: string | undefined;
};

/**
 * The demo's users have the README's password as long as only this machine reaches the shop. Once its gateway was open to
 * others, they have a password of this shop's own, and keep it. In a shop with users of its own they can't log in.
 */
export async function bootstrapUsersOf(
  dataFolder: string,
  { isOpen, isProduction, users }: Exposure,
  ownPassword: string,
): Promise<BootstrapUsers> {
  const mark = path.join(dataFolder, "own-demo-password");
  const isOwn = isOpen || isProduction || existsSync(mark);
  if (isOwn) await writeFile(mark, "", { mode: 0o600 });
  const replace = (known: string[], password: string): BootstrapUsers["replaced"] =>
    demoUsers.flatMap(({ email }) => known.map((one) => ({ email, known: one, password })));
  if (users) {
    // The launcher has printed the shop's own password on the terminal, so that is replaced as well.
    const replaced = isOwn ? replace([demoPassword, ownPassword], randomUUID()) : [];
    const { email = "", password = "" } = users.find(({ roles }) => roles.includes("STAFF")) ?? {};
    return { users, replaced, staff: { email, password }, demoPassword: undefined };
  }
  const password = isOwn ? ownPassword : demoPassword;
  return {
    users: demoUsers.map((one) => ({ ...one, password })),
    replaced: isOwn ? replace([demoPassword], ownPassword) : [],
    staff: { email: "staff@shop.test", password },
    demoPassword: password,
  };
}
