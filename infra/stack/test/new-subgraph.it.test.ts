import { cp, mkdir, mkdtemp, readdir, readlink, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repository } from "../src/repository.ts";
import { runCommand } from "../src/stores/run-command.ts";

let checkout: string;
beforeAll(async () => {
  checkout = await realpath(await mkdtemp(path.join(tmpdir(), "shop-new-subgraph-")));
  await copyCheckout(checkout);
});
afterAll(() => rm(checkout, { recursive: true, force: true }));

test("npm run new:subgraph makes one that composes, has no type error, and passes its own test", async () => {
  const made = await run(process.execPath, "infra/stack/src/new-subgraph.ts", "newcomer");
  expect(made).toContain("wrote subgraphs/newcomer/src/resolvers.ts");
  expect(made).toContain("ran compose");
  await run(
    "node_modules/.bin/prettier",
    "--check",
    "--log-level",
    "warn",
    "subgraphs",
    "schema",
    "README.md",
  );
  await run("node_modules/.bin/tsc", "--noEmit");
  await run("node_modules/.bin/knip", "--no-progress");
  const tested = await run("node_modules/.bin/vitest", "run", "--project", "stores", "subgraphs/newcomer");
  expect(tested).toMatch(/Tests .*2 passed/);

  const again = await runCommand(process.execPath, ["infra/stack/src/new-subgraph.ts", "newcomer"], {
    cwd: checkout,
  });
  expect(again).toEqual({ ok: false, output: 'There is a subgraph called "newcomer" already.' });
});

async function run(command: string, ...args: string[]): Promise<string> {
  const { ok, output } = await runCommand(command, args, {
    cwd: checkout,
    env: { NO_COLOR: "1" },
    timeoutMs: 240_000,
  });
  if (!ok) throw new Error(`${command} ${args.join(" ")}:\n${output}`);
  return output;
}

/** This checkout's files, on the packages that are installed here. */
async function copyCheckout(to: string): Promise<void> {
  const left = new Set(["node_modules", ".data", ".git", ".turbo"]);
  await cp(repository, to, { recursive: true, filter: (file) => !left.has(path.basename(file)) });
  const installed = path.join(repository, "node_modules");
  const own = path.join(to, "node_modules/@shop");
  await mkdir(own, { recursive: true });
  for (const name of await readdir(installed)) {
    if (name !== "@shop") await symlink(path.join(installed, name), path.join(to, "node_modules", name));
  }
  // Relative links, so that the copy's packages find each other.
  for (const name of await readdir(path.join(installed, "@shop"))) {
    await symlink(await readlink(path.join(installed, "@shop", name)), path.join(own, name));
  }
}
