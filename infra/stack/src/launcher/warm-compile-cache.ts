import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { getCompileCacheDir } from "node:module";
import path from "node:path";
import { compileCache } from "../repository.ts";
import { programFiles } from "./programs.ts";
import { nodeFlags } from "./run-program.ts";

/**
 * Runs each program once without settings before the first start: it is compiled, reports the missing settings, and ends.
 * Otherwise each process that stays would strip its TypeScript by itself, and keep the 20 MB that this takes.
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
  const once = spawn(process.execPath, [...nodeFlags, ...files], {
    ...{ env: { NODE_COMPILE_CACHE: compileCache }, stdio: "ignore" },
    ...{ timeout: maxMs, killSignal: "SIGKILL" },
  });
  return new Promise((resolve) => {
    // Its exit code doesn't count: the program itself reports a failed start.
    once.once("close", () => resolve()).once("error", () => resolve());
  });
}

const maxMs = 30_000;
