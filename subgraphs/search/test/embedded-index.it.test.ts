import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmbeddedEngine } from "../src/embedded/embedded-engine.ts";
import { aDocument, aRequest } from "./products.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shop-search-"));
});
afterAll(() => rm(folder, { recursive: true }));

const open = () => openEmbeddedEngine({ folder, spoken: ["en"] });

test("an index has one owner: a second one waits for the first to go, then has all that it wrote", async () => {
  const first = await open();
  await first.write([aDocument({ id: "one", title: "Only lantern" })], []);
  await using second = await open();
  await expect(second.count()).rejects.toThrow(/locked/);
  await first[Symbol.asyncDispose]();
  await eventually(async () => (await second.count()) === 1);
  expect((await second.search(aRequest({ query: "lantern" }))).hits[0]?.id).toBe("one");
});

test("a rebuild that fails leaves the index as it was, and no file behind", async () => {
  await using engine = await open();
  const pages = async function* () {
    yield { documents: [aDocument({ id: "half", title: "Half a lamp" })], stock: [] };
    throw new Error("the catalogue went away");
  };
  await expect(engine.rebuild(pages())).rejects.toThrow("went away");
  expect(await engine.count()).toBe(1);
  expect(await engine.isComplete()).toBe(false);
  await engine.write([aDocument({ id: "two", title: "Second lantern" })], []);
  expect(await engine.count()).toBe(2);
  const indices = (await readdir(folder)).filter((file) => /^index-.*\.sqlite$/.test(file));
  expect(indices).toHaveLength(1);
});
