import { expect, test } from "vitest";
import { rememberedTastes } from "./preference-cache.ts";

test("a search does not wait for a taste that an engine is slow to tell", async () => {
  const tasteOf = rememberedTastes({ tasteOf: () => new Promise(() => undefined) });
  expect(await tasteOf("usr_1")).toBeUndefined();
});
