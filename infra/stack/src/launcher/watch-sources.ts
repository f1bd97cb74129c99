import path from "node:path";
import colors from "picocolors";
import { messageOf } from "../messages.ts";
import { repository } from "../repository.ts";
import { runCommand } from "../stores/run-command.ts";
import { affectedPrograms } from "./affected-programs.ts";
import type { Shop } from "./launch.ts";

/** Restarts programs as their files are saved, a line for each restart. One that won't start is held until the next save. */
export async function watchSources(
  shop: Pick<Shop, "restart">,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  // Node's own recursive watch misses the second save of a file that an editor replaces by renaming.
  const { watch } = await import("chokidar");
  const watcher = watch(["gateway", "subgraphs", "schema", "infra/service", "infra/stripe"], {
    cwd: repository,
    ignored: (file) => /[/\\](node_modules|\.data|\.turbo)([/\\]|$)/.test(file),
    ignoreInitial: true,
  });
  signal.addEventListener("abort", () => void watcher.close());

  let saved = new Set<string>();
  let queue = Promise.resolve();
  watcher.on("all", (_event, file) => {
    if (saved.size === 0) {
      setTimeout(() => {
        const files = [...saved];
        saved = new Set();
        queue = queue.then(() => apply(files));
      }, saveMs);
    }
    saved.add(file.replaceAll(path.sep, "/"));
  });

  async function apply(files: string[]): Promise<void> {
    const affected = files.map((file) => ({ file, ...affectedPrograms(file) }));
    if (affected.some(({ shouldCompose }) => shouldCompose) && !(await compose())) return;
    const causes = new Map(
      affected.flatMap(({ file, programs }) => programs.map((program) => [program, file] as const)),
    );
    await Promise.all([...causes].map(([program, file]) => restart(program, file)));
  }

  async function compose(): Promise<boolean> {
    const file = path.join(repository, "schema/supergraph/src/compose.ts");
    const { ok, output } = await runCommand(process.execPath, [file], { cwd: repository });
    say(
      ok
        ? `${colors.green("✓")} composed ${colors.dim(output.replaceAll("\n", ", "))}`
        : `${colors.red("✗")} ${output}`,
    );
    return ok;
  }

  async function restart(program: string, file: string): Promise<void> {
    if (signal.aborted) return;
    const startedMs = performance.now();
    try {
      await shop.restart(program);
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      say(`${colors.green("✓")} restarted ${program} ${colors.dim(`${seconds} s, ${file}`)}`);
    } catch (error) {
      if (signal.aborted) return;
      say(`${colors.red("✗")} ${messageOf(error)}\n  ${program} is down until the next save of its files.`);
    }
  }
}

/** An editor's save is several changes. */
const saveMs = 40;
