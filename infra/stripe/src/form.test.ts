import { expect, test } from "vitest";
import { nested, parseForm, text } from "./form.ts";

test("a form nests by brackets, encoded or not", () => {
  const params = parseForm("amount=100&metadata[orderId]=ord_1&expand%5B%5D=a&expand[1]=b&created[gte]=5");
  expect(text(params, "amount")).toBe("100");
  expect(nested(params, "metadata")).toEqual({ orderId: "ord_1" });
  expect(params["expand"]).toEqual(["a", "b"]);
  expect(nested(params, "created")).toEqual({ gte: "5" });
});

test("a form cannot reach the prototype", () => {
  parseForm("__proto__[polluted]=1&constructor[prototype][polluted]=1");
  expect("polluted" in {}).toBe(false);
});
