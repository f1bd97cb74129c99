import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const src = import.meta.dirname;
const readme = readFileSync(path.join(src, "../README.md"), "utf8");
/** The folders and files of src, lowest first, as the README lists them. */
const [list = ""] = /## Where things are[^]*?(?=\n## )/.exec(readme) ?? [];
const order = [...list.matchAll(/`([\w-]+)(?:\/|\.ts)`/g)].map(([, name = ""]) => name);

const partOf = (file: string) => (path.relative(src, file).split(path.sep)[0] ?? "").replace(/\.ts$/, "");

test("no folder imports from one above it, in the order that the README lists", () => {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  const upward = files.flatMap((name) => {
    const file = path.join(src, name);
    const imports = [...readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)];
    return imports
      .map(([, target = ""]) => path.resolve(path.dirname(file), target))
      .filter((target) => order.indexOf(partOf(target)) > order.indexOf(partOf(file)))
      .map((target) => `${name} imports ${path.relative(src, target)}`);
  });
  expect(upward).toEqual([]);
  expect([...new Set(files.map((name) => partOf(path.join(src, name))))].toSorted()).toEqual(
    order.toSorted(),
  );
});
