import { existsSync, statSync } from "node:fs";
import { runCommand } from "./run-command.ts";

/** Whom a store runs as when we are root: the owner of its files, and the command that turns into that user. */
export type UnprivilegedUser = { uid: number; gid: number; becomes: string[] };

/** A store that refuses to run as root, and what it needs to run as somebody else. */
export type ForAccount = {
  title: string;
  /** The machine's users that it may run as, the best first: nothing is added to the system. */
  users: string[];
  /** Whoever owns it already stays its owner. */
  home: string;
  mustReach: string[];
  /** What helps when no user may. */
  advice: string;
};

/** Undefined when this process isn't root. */
export async function findUnprivilegedUser(wanted: ForAccount): Promise<UnprivilegedUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { title, mustReach } = wanted;
  const user = ownerOf(wanted.home) ?? (await lookUpFirst(wanted.users));
  if (user === undefined)
    throw new Error(`${title} refuses to run as root, and there is no other user here. ${wanted.advice}`);
  for (const capability of [undefined, "dac_read_search", "dac_override"]) {
    const becomes = commandToBecome(user, capability);
    const [command = "", ...args] = becomes;
    const reached = await runCommand(command, [...args, "ls", "-d", ...mustReach]);
    if (reached.ok) return { ...user, becomes };
  }
  throw new Error(
    `${title} refuses to run as root, and the user that it would run as (uid ${user.uid}) may not enter\n` +
      `${mustReach.join("\n")}\n` +
      `Put the checkout and the data folder (--data) where others may enter, or run as another user. ${wanted.advice}`,
  );
}

/** How to run a program as that user; as ourselves when there is none. */
export function commandAs(
  account: UnprivilegedUser | undefined,
  program: string,
): { command: string; args: string[] } {
  const [first, ...rest] = account?.becomes ?? [];
  return first === undefined ? { command: program, args: [] } : { command: first, args: [...rest, program] };
}

/** A checkout below /root is closed to everyone else: one capability opens the way in, all others are given up. */
function commandToBecome(user: { uid: number; gid: number }, capability: string | undefined): string[] {
  const command = ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  if (capability === undefined) return [...command, "--"];
  return [
    ...command,
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    `--bounding-set=-all,+${capability}`,
    // Without this bit access(2), by which initdb looks for its parts, overlooks the capability.
    "--securebits=+no_setuid_fixup",
    "--",
  ];
}

function ownerOf(folder: string): { uid: number; gid: number } | undefined {
  if (!existsSync(folder)) return undefined;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? undefined : { uid, gid };
}

async function lookUpFirst(names: string[]): Promise<{ uid: number; gid: number } | undefined> {
  for (const name of names) {
    const user = await lookUp(name);
    if (user) return user;
  }
  return undefined;
}

async function lookUp(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const [uid, gid] = await Promise.all([runCommand("id", ["-u", name]), runCommand("id", ["-g", name])]);
  return uid.ok && gid.ok ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined;
}
