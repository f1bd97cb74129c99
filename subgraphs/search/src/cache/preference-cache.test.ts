import { expect, test } from "vitest";
import { cachedPreferences } from "./preference-cache.ts";

test("a search does not wait for preferences that are slow to come", async () => {
  const preferencesOf = cachedPreferences(() => new Promise(() => undefined));
  expect(await preferencesOf("usr_1")).toBeUndefined();
});
