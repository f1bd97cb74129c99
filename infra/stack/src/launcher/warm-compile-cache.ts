import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { getCompileCacheDir } from "node:module";
import path from "node:path";
import { compileCache } from "./compile-cache.ts";
import { programFiles } from "./programs.ts";
import { nodeFlags } from "./run-program.ts";

/**
 * Before the first start each program is run once without any settings: it is compiled, says what it misses, and ends. Else
 * each of those that stay would strip its TypeScript by itself, and keep the 20 MB that this takes.
 */
export async function warmCompileCache(): Promise<void> {
  const folder = getCompileCacheDir();
  if (folder === undefined) return;
  const mark = path.join(folder, "filled");
  if (existsSync(mark)) return;
  await Promise.all(programFiles.map(compile));
  // A mark that can't be left costs the next start some seconds, and no start.
  await writeFile(mark, "").catch(() => undefined);
}

function compile(files: string[]): Promise<void> {
  const env = { NODE_COMPILE_CACHE: compileCache };
  const once = spawn(process.execPath, [...nodeFlags, ...files], {
    env,
    stdio: "ignore",
    timeout: longestMs,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve) => {
    // Whatever it ends with: the programs themselves tell what doesn't start.
    once.once("close", () => resolve()).once("error", () => resolve());
  });
}

const longestMs = 30_000;
