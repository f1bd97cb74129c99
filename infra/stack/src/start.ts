import colors from "picocolors";
import { launch, type Shop } from "./launcher/launch.ts";
import { readOptions } from "./launcher/options.ts";
import { showSteps } from "./launcher/show-steps.ts";
import { welcome } from "./launcher/welcome.ts";

const stopping = new AbortController();
let shop: Shop | undefined;
let isDown = false;

process.on("SIGINT", () => void goDown());
process.on("SIGTERM", () => void goDown());
process.on("SIGHUP", () => void goDown());
process.on("disconnect", () => void goDown()); // a test that started us is gone
process.on("uncaughtException", (error) => {
  complain(error);
  void goDown(1);
});

try {
  const options = readOptions(process.argv.slice(2), process.env);
  shop = await launch(options, showSteps(), stopping.signal);
  if (stopping.signal.aborted) await goDown();
  console.log(welcome(shop.url, options));
} catch (error) {
  if (!stopping.signal.aborted) complain(error);
  process.exit(stopping.signal.aborted ? 0 : 1);
}

/** While the shop is still coming up, `launch` sees the signal at its next step and takes down what is there. */
async function goDown(exitCode = 0): Promise<void> {
  stopping.abort(new Error("stopped before the shop was up"));
  if (shop === undefined || isDown) return;
  isDown = true;
  process.stdout.write("\nclosing the shop…\n");
  try {
    await shop.stop();
  } catch (error) {
    complain(error);
    exitCode = 1;
  }
  process.exit(exitCode);
}

function complain(error: unknown): void {
  console.error(`\n${colors.red(error instanceof Error ? error.message : String(error))}`);
}
