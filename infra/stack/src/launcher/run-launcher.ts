import colors from "picocolors";
import { messageOf } from "../messages.ts";
import { launch, type Shop } from "./launch.ts";
import { serveControlChannel } from "./control-channel.ts";
import { readOptions } from "./options.ts";
import { showProgress } from "./progress-output.ts";
import { watchSources } from "./watch-sources.ts";
import { startupBanner } from "./startup-banner.ts";

/** Opens the shop and keeps it open until a signal; then closes it and ends this process. */
export async function runLauncher(argv: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const stopping = new AbortController();
  let shop: Shop | undefined;
  let isDown = false;
  let stoppingSinceMs = 0;

  /** While the shop is still coming up, `launch` sees the signal at its next step and takes down what is there. */
  const goDown = async (exitCode = 0): Promise<void> => {
    if (shop === undefined && stopping.signal.aborted) {
      // npm passes the terminal's signal on to the launcher, which got it already: the second one within 2 s doesn't count.
      if (Date.now() - stoppingSinceMs < impatientAfterMs) return;
      console.log("Ended at once. The next start on this folder ends what is left running.");
      process.exit(130);
    }
    stoppingSinceMs = Date.now();
    stopping.abort(new Error("stopped before the shop was up"));
    if (shop === undefined || isDown) return;
    isDown = true;
    setTimeout(() => console.log("Postgres still writes what it holds…"), stillWritingAfterMs).unref();
    process.stdout.write("\nclosing the shop…\n");
    process.exit(await shop.stop().then(() => exitCode, failed));
  };
  // "disconnect": the parent process of a test has ended.
  for (const event of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"]) process.on(event, () => void goDown());
  process.on("uncaughtException", (error) => void goDown(failed(error)));

  try {
    const options = readOptions(argv, env);
    const steps = showProgress();
    shop = await launch(options, steps, stopping.signal);
    if (stopping.signal.aborted) return await goDown();
    serveControlChannel(shop);
    console.log(startupBanner(shop, options));
    if (options.isWatched) await watchSources(shop, steps.say, stopping.signal);
  } catch (error) {
    process.exit(stopping.signal.aborted ? 0 : failed(error));
  }
}

const stillWritingAfterMs = 8_000;
const impatientAfterMs = 2_000;

function failed(error: unknown): number {
  console.error(`\n${colors.red(messageOf(error))}`);
  return 1;
}
