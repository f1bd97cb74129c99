import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asEngineError } from "../src/engine/errors.ts";
import { openEmbeddedEngine } from "../src/engine/embedded/embedded-engine.ts";
import type { IndexDocument } from "../src/engine/engine.ts";
import { aDocument, aRequest } from "./products.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shop-search-"));
});
afterAll(() => rm(folder, { recursive: true }));

const open = () => openEmbeddedEngine({ folder, languages: ["en"] });

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

describe("a damaged file", () => {
  const damage = async (name: string) => {
    for (const rest of ["-wal", "-shm"]) await rm(join(folder, name + rest), { force: true });
    await writeFile(join(folder, name), "no database ".repeat(1_000));
  };

  test("of the index is put aside for a new one, which is to be filled", async () => {
    await damage((await readFile(join(folder, "current"), "utf8")).trim());
    await using engine = await open();
    expect(await engine.isComplete()).toBe(false);
    await engine.write([aDocument({ id: "anew", title: "Lantern anew" })], []);
    expect(await engine.count()).toBe(1);
  });
});

test("a product that can't be written is not taken for trouble of the engine, a file that can't be is", async () => {
  await using engine = await open();
  const odd = { ...aDocument({ id: "odd" }), title: null } as unknown as IndexDocument;
  const fault = await asEngineError(engine.write([odd], [])).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Error);
  expect(fault).not.toHaveProperty("extensions.code");
  await using second = await open();
  await eventually(async () => (await engine.count()) > 0);
  const trouble = await asEngineError(second.write([aDocument({ id: "one" })], [])).catch(
    (error: unknown) => error,
  );
  expect(trouble).toHaveProperty("extensions.code", "SERVICE_UNAVAILABLE");
});

test("a write that fails half-way makes answers stale as well", async () => {
  await using engine = await open();
  await eventually(async () => (await engine.count()) > 0);
  const before = engine.revision();
  const many = Array.from({ length: 60 }, (_, at) => aDocument({ id: `half-${at}` }));
  const odd = { ...aDocument({ id: "odd" }), title: null } as unknown as IndexDocument;
  await expect(engine.write([...many, odd], [])).rejects.toThrow();
  expect(engine.revision()).toBeGreaterThan(before);
});

test("a rush of searches is refused in words beyond a bound, a write among them is done before they are, and then all is well", async () => {
  await using engine = await open();
  await eventually(async () => (await engine.count()) > 0);
  const done: string[] = [];
  const searches = Array.from({ length: 2_000 }, async () => {
    try {
      await engine.search(aRequest({ query: "lantern", wantsFacets: true }));
      done.push("answered");
    } catch (error) {
      expect(error).toHaveProperty("extensions.code", "SERVICE_UNAVAILABLE");
    }
  });
  const write = engine.write([aDocument({ id: "amid", title: "Lantern amid a rush" })], []);
  const before = await write.then(() => done.length);
  await Promise.all(searches);
  expect(done.length).toBeLessThan(600);
  expect(before).toBeLessThan(100);
  expect((await engine.search(aRequest({ query: "amid" }))).hits[0]?.id).toBe("amid");
});

test("the bestseller is suggested, however many older products are called the same", async () => {
  await using engine = await open();
  await eventually(async () => (await engine.count()) > 0);
  await engine.write(
    Array.from({ length: 6_000 }, (_, at) => aDocument({ id: `kettle-${at}`, title: `Kettle ${at}` })),
    [],
  );
  await engine.write([aDocument({ id: "bestseller", title: "Kettle of all" })], []);
  expect(await engine.setPopularity(new Map([["bestseller", 180]]))).toBe(true);
  expect((await engine.suggest("kettle", 3)).productIds[0]).toBe("bestseller");
  expect((await engine.suggest("kettle al", 3)).productIds).toEqual(["bestseller"]);

  await engine.write([aDocument({ id: "bestseller", title: "Teapot of all", version: 2 })], []);
  const { productIds } = await engine.suggest("kettle", 3);
  expect(productIds).toHaveLength(3);
  expect(productIds).not.toContain("bestseller");
  expect((await engine.suggest("teapot", 3)).productIds).toEqual(["bestseller"]);
});

test("facets count alike however many attributes are filtered by; values that no product has any more don't count", async () => {
  await using engine = await open();
  await eventually(async () => (await engine.count()) > 0);
  const ofHats = (version: number, colour: (at: number) => string) =>
    Array.from({ length: 250 }, (_, at) =>
      aDocument({
        id: `hat-${at}`,
        version,
        title: "Straw hat",
        attributes: [
          { name: "Colour", value: colour(at) },
          { name: "Size", value: `size ${at % 2}` },
          { name: "Brand", value: `brand ${at % 2}` },
        ],
      }),
    );
  await engine.write(
    ofHats(1, (at) => `once ${at}`),
    [],
  );
  await engine.write(
    ofHats(2, (at) => (at % 5 === 0 ? "red" : "blue")),
    [],
  );
  const facetsOf = async (attributes: { name: string; values: string[] }[]) => {
    const request = aRequest({ query: "straw hat", filters: { attributes }, wantsFacets: true });
    const { facets } = await engine.search(request);
    const counts = facets.map(({ name, values }): [string, unknown] => [
      name,
      Object.fromEntries(values.map(({ value, count }) => [value, count])),
    ]);
    expect(facets.filter(({ name }) => name.toLowerCase() === "brand").length).toBeLessThan(2);
    return Object.fromEntries(counts);
  };
  expect(await facetsOf([])).toMatchObject({ Colour: { red: 50, blue: 200 }, Size: { "size 0": 125 } });
  const red = { name: "Colour", values: ["red"] };
  const even = { name: "Size", values: ["size 0"] };
  expect(await facetsOf([red])).toMatchObject({ Colour: { red: 50, blue: 200 }, Size: { "size 0": 25 } });
  expect(await facetsOf([red, even])).toMatchObject({
    Colour: { red: 25, blue: 100 },
    Size: { "size 0": 25, "size 1": 25 },
  });
});
