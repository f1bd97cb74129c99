import { expect, test } from "vitest";
import { cachedLoader } from "./cached-loader.ts";

function loader(ttlMs = 60_000) {
  const asked: (readonly string[])[] = [];
  const stock = new Map([["a", { name: "a", n: 1 }]]);
  let onFind = () => {};
  const it = cachedLoader(
    async (keys) => {
      asked.push(keys);
      const found = new Map(
        keys.flatMap((key) => (stock.has(key) ? [[key, { ...stock.get(key) }] as const] : [])),
      );
      await Promise.resolve().then(onFind);
      return found;
    },
    { ttl: ttlMs, max: 2 },
  );
  return { it, asked, stock, during: (act: () => void) => (onFind = act) };
}

test("readers of one moment share one look-up, later ones need none", async () => {
  const { it, asked } = loader();
  await Promise.all([it.load("a"), it.load("a"), it.load("b")]);
  await it.load("a");
  expect(asked).toEqual([["a", "b"]]);
});

test("what was not there is looked for again", async () => {
  const { it, stock } = loader();
  expect(await it.load("b")).toBeUndefined();
  stock.set("b", { name: "b", n: 1 });
  expect(await it.load("b")).toMatchObject({ n: 1 });
});

test("a look-up that began before a change does not bring the old back", async () => {
  const { it, stock, during } = loader();
  during(() => {
    stock.set("a", { name: "a", n: 2 });
    it.evict((value) => value.name === "a");
  });
  expect(await it.load("a")).toMatchObject({ n: 1 });
  during(() => {});
  expect(await it.load("a")).toMatchObject({ n: 2 });
});
