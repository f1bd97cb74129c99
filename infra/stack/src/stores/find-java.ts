import path from "node:path";
import { runCommand } from "./run-command.ts";

export type Java = { home: string; version: number };

/** The Java that ES_JAVA_HOME or JAVA_HOME names, else the PATH's; or why there is none that is new enough. */
export async function findJava(atLeast: number): Promise<Java | { reason: string }> {
  const named = [process.env["ES_JAVA_HOME"], process.env["JAVA_HOME"]].flatMap((home) =>
    home ? [path.join(home, "bin", "java")] : [],
  );
  let newest = 0;
  for (const command of [...named, "java"]) {
    const java = await askForSettings(command);
    if (java && java.version >= atLeast) return java;
    newest = Math.max(newest, java?.version ?? 0);
  }
  return { reason: newest === 0 ? "no Java" : `Java ${newest} is too old` };
}

async function askForSettings(command: string): Promise<Java | undefined> {
  const said = await runCommand(command, ["-XshowSettings:properties", "-version"]);
  const home = /java\.home = (.+)/.exec(said.output)?.[1]?.trim();
  const version = Number(/java\.specification\.version = (\d+)/.exec(said.output)?.[1]);
  return said.ok && home ? { home, version } : undefined;
}
