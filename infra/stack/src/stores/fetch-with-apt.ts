import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Fetched } from "./find-program.ts";
import { runCommand, type CommandResult } from "./run-command.ts";

/**
 * Downloads Debian packages, and those of their dependencies that the machine lacks, and unpacks them into the cache.
 * Nothing is installed, so no service starts and no root is needed.
 */
export async function fetchWithApt(folder: string, packages: string[], file: string): Promise<Fetched> {
  const archives = path.join(folder, "archives");
  await mkdir(path.join(archives, "partial"), { recursive: true });
  const asked = await download(archives, packages, []);
  const done = asked.ok ? asked : await downloadWithOwnLists(folder, archives, packages);
  if (!done.ok) return { reason: done.output.includes("ENOENT") ? "no apt-get" : done.output };
  for (const file of (await readdir(archives)).filter((name) => name.endsWith(".deb"))) {
    const unpacked = await runCommand("dpkg-deb", ["-x", path.join(archives, file), folder]);
    if (!unpacked.ok) return { reason: unpacked.output };
  }
  await rm(archives, { recursive: true, force: true });
  return { found: file, libraries: await libraryFolders(folder) };
}

/** The locks and the download user belong to root's system-wide runs; these runs write to their own folder alone. */
const unlocked = ["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="];

function download(archives: string, packages: string[], options: string[]): Promise<CommandResult> {
  return runCommand("apt-get", [
    ...["install", "--yes", "--quiet", "--download-only", "--no-install-recommends", ...unlocked],
    ...["-o", `Dir::Cache::archives=${archives}`],
    ...options,
    ...packages,
  ]);
}

/** A bare image has no package lists, and only root may fetch the system's: so fetch our own. */
async function downloadWithOwnLists(
  folder: string,
  archives: string,
  packages: string[],
): Promise<CommandResult> {
  const lists = path.join(folder, "lists");
  const cache = path.join(folder, "apt-cache");
  await mkdir(path.join(lists, "partial"), { recursive: true });
  await mkdir(cache, { recursive: true });
  const own = ["-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${cache}`];
  try {
    const updated = await runCommand("apt-get", [...["update", "--quiet", ...unlocked, ...own]]);
    return updated.ok ? await download(archives, packages, own) : updated;
  } finally {
    await rm(lists, { recursive: true, force: true });
    await rm(cache, { recursive: true, force: true });
  }
}

async function libraryFolders(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return [...new Set(files.filter((file) => /\.so(\.|$)/.test(file)).map((file) => path.dirname(file)))];
}
