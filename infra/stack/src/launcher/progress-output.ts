import colors from "picocolors";

export type Steps = {
  /** Shows that a step is under way, and when it is done how long it took. */
  step: <T>(title: string, work: (say: (detail: string) => void) => Promise<T>) => Promise<T>;
  say: (line: string) => void;
};

/** One line for each step; on a terminal the line of the step under way is rewritten as it goes on. */
export function showProgress(out: NodeJS.WriteStream = process.stdout): Steps {
  let open: string | undefined;
  const clear = (): void => {
    if (open !== undefined && out.isTTY) out.write("\r\u001B[2K");
  };
  const redraw = (): void => {
    if (open !== undefined && out.isTTY) out.write(open);
  };
  const say = (line: string): void => {
    clear();
    out.write(`${line}\n`);
    redraw();
  };
  return {
    say,
    step: async (title, work) => {
      const startedMs = performance.now();
      const show = (detail: string): void => {
        clear();
        open = `${colors.cyan("·")} ${title}${detail === "" ? "" : ` ${colors.dim(detail)}`}`;
        if (out.isTTY) redraw();
        else if (detail !== "") out.write(`  ${title}: ${detail}\n`);
      };
      const end = (line: string): void => {
        clear();
        open = undefined;
        out.write(`${line}\n`);
      };
      show("");
      try {
        const result = await work(show);
        const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
        end(`${colors.green("✓")} ${title} ${colors.dim(`${seconds} s`)}`);
        return result;
      } catch (error) {
        end(`${colors.red("✗")} ${title}`);
        throw error;
      }
    },
  };
}
