import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findProgram, type Installer } from "./find-program.ts";

let cache: string;
let name: string;
let named = 0;
beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), "shop-cache-"));
  name = `shop-no-such-program-${(named += 1)}`;
});
afterEach(() => rm(cache, { recursive: true, force: true }));

const silent = (): void => undefined;
const failing: Installer = { name: "courier", fetch: async () => ({ reason: "the courier is ill" }) };
const wayTo = (version: string, fetches: string[] = []): Installer => ({
  name: `shop ${version}`,
  fetch: async (folder) => {
    fetches.push(version);
    const file = path.join(folder, "program");
    await writeFile(file, `#!/bin/sh\necho "program ${version} built today"\n`);
    await chmod(file, 0o755);
    return { found: "program" };
  },
});

test("a program is fetched in the first way that works, and the next time taken from the cache", async () => {
  const fetches: string[] = [];
  const wanted = { atLeast: [2, 9] as [number, number], advice: "", cache };
  const installers = [failing, wayTo("2.9.10", fetches)];
  expect(await findProgram({ ...wanted, name, installers }, silent)).toMatchObject({ version: "2.9.10" });
  // Another process that asks for the same: same cache, no memory of ours.
  const again = { ...wanted, name: `./${name}`, installers };
  await findProgram({ ...again, name }, silent);
  expect(fetches).toEqual(["2.9.10"]);
});

test("one that is named is taken before all others, with what it needs in its environment", async () => {
  const fetched = await wayTo("2.12.0").fetch(cache);
  const file = path.join(cache, "found" in fetched ? fetched.found : "");
  const wanted = { atLeast: [2, 9] as [number, number], installers: [failing], advice: "", cache };
  const named = { by: "SHOP_HOME", file };
  const found = await findProgram({ ...wanted, name, named, envOf: async () => ({ LAMP: "on" }) }, silent);
  expect(found).toEqual({ path: file, env: { LAMP: "on" }, version: "2.12.0", from: "SHOP_HOME" });
});

test("one that is too old is left alone, and the next way is tried", async () => {
  const installers = [wayTo("2.1.0"), wayTo("2.15.1")];
  const found = await findProgram({ name, atLeast: [2, 9], installers, advice: "", cache }, silent);
  expect(found).toMatchObject({ version: "2.15.1", from: "shop 2.15.1" });
});

test("one that can't be had is reported in one message: each way, why it failed, and what to do", async () => {
  const installers = [failing, wayTo("1.0.0")];
  const search = findProgram(
    { name, atLeast: [2, 9], installers, advice: "Ask the neighbours.", cache },
    silent,
  );
  await expect(search).rejects.toThrow(
    `${name} 2.9 or newer could not be had:\n  - PATH: not there\n  - courier: the courier is ill\n  - shop 1.0.0: 1.0.0 is too old\nAsk the neighbours.`,
  );
});
