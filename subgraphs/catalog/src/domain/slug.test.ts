import { expect, test } from "vitest";
import { isSlug, slugOf } from "./slug.ts";

test("a slug is readable in any script", () => {
  expect(slugOf("Crème brûlée, 2 × 100 g!")).toBe("creme-brulee-2-100-g");
  expect(slugOf("Чай")).toBe("чаи");
  expect(slugOf("!!!")).toBe("x");
});

test("however long the title, the last part stays whole", () => {
  const slug = slugOf("a very long title ".repeat(20), "3920564");
  expect(slug).toMatch(/-3920564$/);
  expect(slug.length).toBeLessThanOrEqual(80);
  expect(isSlug(slug)).toBe(true);
});
