import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Fetched } from "./find-program.ts";
import { runCommand } from "./run-command.ts";

/**
 * An archive from Maven Central (or the mirror that this machine's settings name), unpacked into the cache. Maven's own
 * repository is left alone: it would keep the archive a second time.
 */
export async function fetchWithMaven(folder: string, artifact: string, file: string): Promise<Fetched> {
  const repository = path.join(folder, "repository");
  const unpacked = path.join(folder, "unpacked");
  const done = await runCommand(
    "mvn",
    [
      ...["--batch-mode", "--quiet", `-Dmaven.repo.local=${repository}`],
      ...[`${plugin}:unpack`, `-Dartifact=${artifact}`, `-DoutputDirectory=${unpacked}`],
    ],
    // In the launcher's own working folder Maven would read a pom.xml that lies there.
    { cwd: folder, timeoutMs: 600_000 },
  );
  await rm(repository, { recursive: true, force: true });
  if (!done.ok) return { reason: done.output.includes("ENOENT") ? "no mvn" : firstError(done.output) };
  const [top = ""] = await readdir(unpacked);
  return { found: path.join("unpacked", top, file) };
}

const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/** Maven ends with advice; what is wrong stands first. */
function firstError(output: string): string {
  return output.split("\n").find((line) => line.includes("ERROR")) ?? output;
}
