import { expect, test } from "vitest";
import { cachedPreferences } from "./preference-cache.ts";

test("a search does not wait for a taste that an engine is slow to tell", async () => {
  const preferencesOf = cachedPreferences({ preferencesOf: () => new Promise(() => undefined) });
  expect(await preferencesOf("usr_1")).toBeUndefined();
});
