import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { cacheFolder } from "../repository.ts";
import { runCommand } from "./run-command.ts";

export type Program = { path: string; env: NodeJS.ProcessEnv; version: string; from: string };

/** Fetches a program into an empty folder, or returns the reason why it can't. */
export type Installer = { name: string; fetch: (folder: string) => Promise<Fetched> };
export type Fetched = z.infer<typeof fetchedNote> | { reason: string };

/** Kept beside a fetched program: where it and its libraries lie below the folder. */
const noteName = "fetched.json";
const fetchedNote = z.object({ found: z.string(), libraries: z.array(z.string()).optional() });

export type ProgramToFind = {
  /** Its file name, as it stands on the PATH. */
  name: string;
  /** The oldest [major, minor] that will do. */
  atLeast: [number, number];
  /** The file that a setting names; it wins over the PATH. */
  named?: { by: string; file: string };
  installers: Installer[];
  /** Further variables of its environment. */
  envOf?: (file: string) => Promise<NodeJS.ProcessEnv>;
  /** How long `--version` may take (default 10 s). */
  versionWithinMs?: number;
  /** Advice to the operator when no installer could fetch it. */
  advice: string;
  /** The folder of fetched programs; the checkout's own by default. */
  cache?: string;
};

const found = new Map<string, Promise<Program>>();

/** The program that a setting names, else the PATH's, else the cache's, else the one that the first working installer fetches. */
export function findProgram(
  wanted: ProgramToFind,
  say: (line: string) => void = () => undefined,
): Promise<Program> {
  const known = found.get(wanted.name) ?? find(wanted, say);
  found.set(wanted.name, known);
  known.catch(() => found.delete(wanted.name));
  return known;
}

async function find(wanted: ProgramToFind, say: (line: string) => void): Promise<Program> {
  const reasons: string[] = [];
  if (wanted.named) {
    const named = await tryProgram(wanted, wanted.named.file, [], wanted.named.by);
    if (typeof named !== "string") return named;
    reasons.push(`${wanted.named.by}: ${named}`);
  }
  const onPath = await tryProgram(wanted, findOnPath(wanted.name), [], "PATH");
  if (typeof onPath !== "string") return onPath;
  reasons.push(`PATH: ${onPath}`);
  for (const installer of wanted.installers) {
    const kept = await readCached(wanted, installer, homeOf(wanted, installer));
    if (typeof kept !== "string") return kept;
  }
  for (const installer of wanted.installers) {
    say(`fetching ${wanted.name} (${installer.name})`);
    const fetched = await fetchInto(wanted, installer);
    if (typeof fetched !== "string") return fetched;
    reasons.push(`${installer.name}: ${fetched}`);
  }
  throw new Error(
    `${wanted.name} ${wanted.atLeast.join(".")} or newer could not be had:\n` +
      `${reasons.map((reason) => `  - ${reason}`).join("\n")}\n${wanted.advice}`,
  );
}

async function fetchInto(wanted: ProgramToFind, installer: Installer): Promise<Program | string> {
  const home = homeOf(wanted, installer);
  const draft = `${home}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  try {
    const fetched = await installer.fetch(draft);
    if ("reason" in fetched) return lastLines(fetched.reason);
    await writeFile(path.join(draft, noteName), JSON.stringify(fetched));
    // The launcher's files are for its user alone; a program may have to run as another.
    await chmod(path.dirname(draft), 0o755);
    await runCommand("chmod", ["-R", "go+rX", draft]);
    const tried = await readCached(wanted, installer, draft);
    if (typeof tried === "string") return tried;
    await rm(home, { recursive: true, force: true });
    // Another process may have fetched it meanwhile: that one is as good.
    await rename(draft, home).catch(() => undefined);
    return await readCached(wanted, installer, home);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function readCached(
  wanted: ProgramToFind,
  installer: Installer,
  home: string,
): Promise<Program | string> {
  const note = path.join(home, noteName);
  if (!existsSync(note)) return "not fetched";
  const { found: file, libraries = [] } = fetchedNote.parse(JSON.parse(await readFile(note, "utf8")));
  const folders = libraries.map((folder) => path.join(home, folder));
  return await tryProgram(wanted, path.join(home, file), folders, installer.name);
}

async function tryProgram(
  wanted: ProgramToFind,
  file: string,
  libraries: string[],
  from: string,
): Promise<Program | string> {
  const env = {
    ...(libraries.length > 0 && { LD_LIBRARY_PATH: libraries.join(":") }),
    ...(await wanted.envOf?.(file)),
  };
  const said = await runCommand(file, ["--version"], { env, timeoutMs: wanted.versionWithinMs ?? 10_000 });
  if (!said.ok) return said.output.includes("ENOENT") ? "not there" : lastLines(said.output);
  const version = /(\d+)\.(\d+)\.(\d+)/.exec(said.output);
  const [text = said.output, major = "0", minor = "0"] = version ?? [];
  const [wantedMajor, wantedMinor] = wanted.atLeast;
  const isNewEnough =
    Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
  return isNewEnough ? { path: file, env, version: text, from } : `${text} is too old`;
}

/** The bare name, where the PATH has no such file. */
function findOnPath(name: string): string {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? name;
}

function homeOf(wanted: ProgramToFind, installer: Installer): string {
  return path.join(
    wanted.cache ?? cacheFolder,
    `${wanted.name}-${installer.name.replaceAll(/[^a-z]+/g, "-")}`,
  );
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-2).join(" ").slice(0, 300);
}
