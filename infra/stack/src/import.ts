import { existsSync } from "node:fs";
import { Command } from "commander";
import { demoPassword } from "./demo/demo-users.ts";
import { importInto } from "./import/import-into.ts";
import { runCommandLine } from "./messages.ts";

// npm run import -- <file>: loads a file of products into a running shop.

const command = new Command("npm run import --")
  .description("Loads products (NDJSON, gzipped or not) into a running shop. Repeating it changes nothing.")
  .argument(
    "<file>",
    "one JSON object a line: id, sku, title, priceCents; description, brand, image, ean, attributes",
  )
  .option("--url <url>", "the shop's graph", `http://127.0.0.1:${process.env["PORT"] ?? "4000"}/graphql`)
  .option("--email <email>", "a member of staff", "staff@shop.test")
  .option(
    "--password <password>",
    "that member's password; better as SHOP_PASSWORD, since other users see arguments",
  )
  .parse();
const [file = ""] = command.args;
const { url, email, ...options } = command.opts<{ url: string; email: string; password?: string }>();
const password = options.password ?? (process.env["SHOP_PASSWORD"] || demoPassword);

await runCommandLine(async () => {
  if (!existsSync(file)) throw new Error(`There is no file "${file}".`);
  const loaded = await importInto(graphOf(url), file, { email, password });
  const { created, updated, unchanged, refused, bad, seconds } = loaded;
  console.log(
    `${created} created, ${updated} updated, ${unchanged} unchanged in ${seconds.toFixed(1)} s; search finds them all.`,
  );
  for (const { line, reason } of bad) console.log(`line ${line} was left out: ${reason}`);
  for (const { externalId, line, reason } of refused)
    console.log(`line ${line} (record ${externalId}) was refused by the shop: ${reason}`);
});

/** The graph's URL; that of a shop alone gets the graph's path. */
function graphOf(text: string): string {
  if (!URL.canParse(text))
    throw new Error(`--url "${text}" is no address, such as http://127.0.0.1:4000/graphql`);
  const url = new URL(text);
  if (url.pathname === "/") url.pathname = "/graphql";
  return url.href;
}
