import path from "node:path";
import { Command } from "commander";
import { backUpShop } from "./backup/back-up-shop.ts";
import { showProgress } from "./launcher/progress-output.ts";
import { restrictNewFiles } from "./launcher/restrict-permissions.ts";
import { runCommandLine } from "./messages.ts";
import { defaultDataFolder, repository } from "./repository.ts";

// npm run backup: copies a shop, running or stopped, into a folder of its own.

const options = new Command("npm run backup --")
  .description("Copies all that a shop keeps and can't be had again, while it runs or is stopped.")
  .option("--data <folder>", "where the shop keeps its data", defaultDataFolder)
  .option("--to <folder>", "the backup's own folder; .data/backups/<time> by default")
  .parse()
  .opts<{ data: string; to?: string }>();

restrictNewFiles();
await runCommandLine(async () => {
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const to = path.resolve(options.to ?? path.join(repository, ".data", "backups", time));
  await backUpShop(path.resolve(options.data), to, showProgress());
  console.log(
    `\nThe backup is ${to}\nIt holds the shop's keys and its customers' data. Restore: npm run restore -- ${to}`,
  );
});
