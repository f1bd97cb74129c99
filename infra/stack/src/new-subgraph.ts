import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { refuseName } from "./new-subgraph/refuse-name.ts";
import { register, registers, type RegisterTexts } from "./new-subgraph/register.ts";
import { subgraphFiles } from "./new-subgraph/subgraph-files.ts";
import { runCommandLine } from "./messages.ts";
import { repository } from "./repository.ts";
import { runCommand } from "./stores/run-command.ts";

// `npm run new:subgraph <name>`: makes a subgraph that composes, checks, starts and is tested.

const inRepository = (file: string): string => path.join(repository, file);

async function makeSubgraph(name: string): Promise<void> {
  const folders = await Promise.all(
    ["", "schema", "infra", "subgraphs"].map((one) => readdir(inRepository(one))),
  );
  const refusal = refuseName(name, folders.flat());
  if (refusal !== undefined) throw new Error(refusal);
  const texts = await Promise.all(
    registers.map(async (file) => [file, await readFile(inRepository(file), "utf8")] as const),
  );
  const registered = register(name, Object.fromEntries(texts) as RegisterTexts);

  const root: unknown = JSON.parse(await readFile(inRepository("package.json"), "utf8"));
  const { overrides, dependencies } = versions.parse(root);
  const made = [...subgraphFiles(name, { ...overrides, ...dependencies })].map(
    ([file, text]) => [`subgraphs/${name}/${file}`, text] as const,
  );
  for (const [file, text] of [...made, ...Object.entries(registered)]) {
    await mkdir(path.dirname(inRepository(file)), { recursive: true });
    await writeFile(inRepository(file), text);
    console.log(`wrote ${file}`);
  }
  await run("compose", process.execPath, [inRepository("schema/supergraph/src/compose.ts")]);
  const install = ["install", "--package-lock-only", "--no-audit", "--no-fund", "--prefer-offline"];
  await run("npm install --package-lock-only", "npm", install);
}

const versions = z.object({
  overrides: z.object({ graphql: z.string() }),
  dependencies: z.object({ "drizzle-orm": z.string() }),
});

async function run(title: string, command: string, args: string[]): Promise<void> {
  const { ok, output } = await runCommand(command, args, { cwd: repository, timeoutMs: 300_000 });
  if (!ok) throw new Error(`${title} failed:\n${output}`);
  console.log(`ran ${title}`);
}

const nextSteps = (name: string): string => `
subgraphs/${name} answers { ${name}Greeting }. Try it: npm run check && npm start
Its test: npx vitest run --project stores subgraphs/${name}

Next:
- schema.graphql: what ${name} adds to the graph; then \`npm run compose\`, and \`npm run check\` names what has no resolver yet.
- migrations/001-baseline.sql, src/tables.ts and src/store.ts: its data. README.md: what it owns.
- infra/stack/src/topology.ts: what it is about, which services it asks; then the README's table (node infra/stack/src/topology-table.ts).
- src/events.ts: the events that it subscribes to. What it publishes gets schema/events/src/${name}.ts, named in events.ts there.
`;

const [name = ""] = process.argv.slice(2);
await runCommandLine(async () => {
  await makeSubgraph(name);
  console.log(nextSteps(name));
});
