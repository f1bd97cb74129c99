import { existsSync, statSync } from "node:fs";
import { runCommand } from "./run-command.ts";

/** The user that a store runs as under a launcher of root: the owner of its files, and the command that switches to it. */
export type UnprivilegedUser = { uid: number; gid: number; becomes: string[] };

/** A store that refuses to run as root, and what its user must be able to do. */
export type ForUser = {
  title: string;
  /** The machine's users that it may run as, the best first: nothing is added to the system. */
  users: string[];
  /** Its data; an owner that it has already is kept. */
  home: string;
  mustReach: string[];
  /** Shown when there is no such user. */
  advice: string;
};

/** Undefined when this process isn't root. */
export async function findUnprivilegedUser(wanted: ForUser): Promise<UnprivilegedUser | undefined> {
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

/** The command that runs a program as that user; the program itself without one. */
export function commandAs(
  user: UnprivilegedUser | undefined,
  program: string,
): { command: string; args: string[] } {
  const [first, ...rest] = user?.becomes ?? [];
  return first === undefined ? { command: program, args: [] } : { command: first, args: [...rest, program] };
}

/** A checkout below /root is closed to other users: one capability opens the way in, all others are dropped. */
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
    const [uid, gid] = await Promise.all([runCommand("id", ["-u", name]), runCommand("id", ["-g", name])]);
    if (uid.ok && gid.ok) return { uid: Number(uid.output), gid: Number(gid.output) };
  }
  return undefined;
}
