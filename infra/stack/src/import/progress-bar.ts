import { Presets, SingleBar } from "cli-progress";

/** A progress bar of the terminal; without one, a line every `everyMs`. It keeps the process alive until it is stopped. */
export function startProgressBar(total: number, step: string, everyMs: number): SingleBar {
  const format = "{step} |{bar}| {value}/{total} {duration_formatted}";
  const options = { format, noTTYOutput: true, notTTYSchedule: everyMs, hideCursor: true };
  const bar = new SingleBar(options, Presets.shades_classic);
  bar.start(total, 0, { step });
  return bar;
}
