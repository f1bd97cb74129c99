import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { demoPassword, demoPeople } from "../demo/people.ts";
import type { Exposure, Person } from "./exposure.ts";

/** Who is known in a shop from its start, and by whom its demo data are loaded. */
export type ShopPeople = {
  /** Account adds those that are missing. */
  people: Person[];
  /** Logins that must not work any more: account gives them another password. */
  replaced: { email: string; known: string; password: string }[];
  staff: { email: string; password: string };
  /** What the demo's people log in with; undefined where there are none. */
  demoPassword: string | undefined;
};

/**
 * The demo's people have the password of the README as long as only this machine reaches the shop. Once its gateway has been
 * open to others, they have one of this shop's own, and keep it.
 */
export async function peopleOf(
  dataFolder: string,
  { isOpen, isProduction, people }: Exposure,
  ownPassword: string,
): Promise<ShopPeople> {
  const mark = path.join(dataFolder, "own-demo-password");
  const isOwn = isOpen || isProduction || existsSync(mark);
  if (isOwn) await writeFile(mark, "", { mode: 0o600 });
  const replaced = isOwn
    ? demoPeople.map(({ email }) => ({ email, known: demoPassword, password: ownPassword }))
    : [];
  if (people) {
    const { email = "", password = "" } = people.find(({ roles }) => roles.includes("STAFF")) ?? {};
    return { people, replaced, staff: { email, password }, demoPassword: undefined };
  }
  const password = isOwn ? ownPassword : demoPassword;
  return {
    people: demoPeople.map((one) => ({ ...one, password })),
    replaced,
    staff: { email: "staff@shop.test", password },
    demoPassword: password,
  };
}
