import { describe, expect, it } from "vitest";
import { checkPassword, checkSignUp, normaliseEmail } from "./check-sign-up.ts";

const good = { email: "ada@shop.test", password: "long enough", name: "Ada" };

describe("signing up", () => {
  it.each(["ada@shop.test", "a.d+a_1'x@mail.shop.test", "ünï@münchen.test", "ада@почта.рф"])(
    "takes %s",
    (email) => expect(checkSignUp({ ...good, email })).toEqual([]),
  );

  it.each([
    [{ email: "ada" }, "INVALID_INPUT", "email"],
    [{ email: "a da@shop.test" }, "INVALID_INPUT", "email"],
    [{ email: "ada@shop" }, "INVALID_INPUT", "email"],
    [{ email: "ada@shop..test" }, "INVALID_INPUT", "email"],
    [{ email: ".ada@shop.test" }, "INVALID_INPUT", "email"],
    [{ email: "<b>ada@shop.test" }, "INVALID_INPUT", "email"],
    [{ email: "a@shop.test,b@shop.test" }, "INVALID_INPUT", "email"],
    [{ email: "ada@[127.0.0.1]" }, "INVALID_INPUT", "email"],
    [{ email: "a\u202eda@shop.test" }, "INVALID_INPUT", "email"],
    [{ email: `${"a".repeat(250)}@shop.test` }, "INVALID_INPUT", "email"],
    [{ name: "" }, "INVALID_INPUT", "name"],
    [{ name: "a".repeat(201) }, "INVALID_INPUT", "name"],
    [{ password: "7 chars" }, "WEAK_PASSWORD", "password"],
    [{ password: "a".repeat(201) }, "WEAK_PASSWORD", "password"],
    [{ password: "ADA@shop.test" }, "WEAK_PASSWORD", "password"],
  ])("refuses %j", (wrong, code, field) => {
    expect(checkSignUp({ ...good, ...wrong })).toMatchObject([{ code, field: ["input", field] }]);
  });

  it("tells of everything that is wrong at once", () => {
    expect(checkSignUp({ email: "", password: "", name: "" })).toHaveLength(3);
  });

  it("compares e-mails without their case", () => {
    expect(normaliseEmail("  Ada@Shop.TEST ")).toBe("ada@shop.test");
  });

  it("takes a password of 8 and of 200 characters", () => {
    expect(checkPassword("a".repeat(8), "", [])).toEqual([]);
    expect(checkPassword("a".repeat(200), "", [])).toEqual([]);
  });
});
