import path from "node:path";
import { Command } from "commander";
import { restoreShop } from "./backup/restore-shop.ts";
import { showProgress } from "./launcher/progress-output.ts";
import { restrictNewFiles } from "./launcher/restrict-permissions.ts";
import { runCommandLine } from "./messages.ts";
import { defaultDataFolder } from "./repository.ts";

// npm run restore -- <backup>: makes a shop of a backup, for `npm start` to open.

const command = new Command("npm run restore --")
  .description("Makes a shop of a backup, for `npm start` to open. The shop there must be stopped.")
  .argument("<backup>", "the folder that `npm run backup` has made")
  .option("--data <folder>", "where the shop is to keep its data", defaultDataFolder)
  .option("--replace", "replace the shop that is there; its stand-in for Stripe stays", false)
  .option(
    "--stand-in-of <folder>",
    "a data folder whose stand-in for Stripe goes on, instead of the backup's",
  )
  .parse();
const options = command.opts<{ data: string; replace: boolean; standInOf?: string }>();
const dataFolder = path.resolve(options.data);

restrictNewFiles();
await runCommandLine(async () => {
  const { madeAt, release } = await restoreShop(
    {
      backup: path.resolve(command.args[0] ?? ""),
      dataFolder,
      shouldReplace: options.replace,
      standInOf: options.standInOf === undefined ? undefined : path.resolve(options.standInOf),
    },
    showProgress(),
  );
  const open = `npm start${dataFolder === defaultDataFolder ? "" : ` -- --data ${dataFolder}`}`;
  console.log(
    `\nThe shop is as it was at ${madeAt} (release ${release}). Open it: ${open}\n` +
      "Orders and payments after that moment are unknown to it: what the payment provider has taken for them is found\n" +
      "within a minute, kept, and listed for staff by the query parkedPayments, with an alarm. Elasticsearch of your own: npm run search:rebuild.",
  );
});
