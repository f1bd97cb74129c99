import { expect, test } from "vitest";
import { cachedPreferences } from "./preference-cache.ts";

test("a search does not wait for preferences that an engine is slow to answer", async () => {
  const preferencesOf = cachedPreferences({ preferencesOf: () => new Promise(() => undefined) });
  expect(await preferencesOf("usr_1")).toBeUndefined();
});
