import { execFile } from "node:child_process";

export type CommandResult = { ok: boolean; output: string };

/** Runs a program to its end; a failure is a result here, not an exception: there may be another way. */
export function runCommand(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number } = {},
): Promise<CommandResult> {
  const { cwd, timeoutMs: timeout = 150_000 } = options;
  const env = { ...process.env, ...options.env };
  return new Promise((resolve) => {
    execFile(command, args, { env, cwd, timeout, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      resolve({ ok: error === null, output: error === null ? output : output || error.message });
    });
  });
}
