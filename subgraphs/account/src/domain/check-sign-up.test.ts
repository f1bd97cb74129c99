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
    [{ name: "Wilhelmina", password: "wilhelmina1" }, "WEAK_PASSWORD", "password"],
  ])("refuses %j", (wrong, code, field) => {
    expect(checkSignUp({ ...good, ...wrong })).toMatchObject([{ code, field: ["input", field] }]);
  });

  it.each([
    "password",
    "Password1!",
    "p@ssw0rd",
    "ｐａｓｓｗｏｒｄ",
    "12345678",
    "87654321",
    "        ",
    "\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b",
    "a        b",
    "aaaaaaaa",
    "abcdefgh",
    "qwertyuiop",
    "passwordpassword",
    "iloveyou",
    "letmein1",
    "20011987",
    "shopshop",
    "Ada12345",
    "密码密码密码密码",
    "a".repeat(200),
  ])("refuses the password %j, which attackers try first", (password) => {
    expect(checkSignUp({ ...good, password })).toMatchObject([
      { code: "WEAK_PASSWORD", field: ["input", "password"] },
    ]);
  });

  it("lists all errors at once", () => {
    expect(checkSignUp({ email: "", password: "", name: "" })).toHaveLength(3);
  });

  it("compares e-mails without their case", () => {
    expect(normaliseEmail("  Ada@Shop.TEST ")).toBe("ada@shop.test");
  });

  it("takes a password of 8 and of 200 characters", () => {
    expect(checkPassword("tk8 fnwq", "", [])).toEqual([]);
    expect(
      checkPassword("tangerine fog ".repeat(15).slice(0, 200).trimEnd().padEnd(200, "x"), "", []),
    ).toEqual([]);
    expect(checkPassword("ü🙂".repeat(2) + "qdzk", "", [])).toEqual([]);
  });

  it.each(["correct horse", "battery staple", "x9#kQ2!z", "пароль из трёх слов"])(
    "takes %s, whatever kinds of characters it is made of",
    (password) => expect(checkPassword(password, "ada@shop.test", [], "Ada Lovelace")).toEqual([]),
  );

  it("judges the longest and most twisted password within a moment", () => {
    checkPassword("warm up the lists", "", []);
    const startedAt = performance.now();
    for (const twisted of ["p@$$w0rd", "4@8({[<3", "p@$$w0rd1!4@8({[<36!1|0$57+2%", "20012002"])
      checkPassword(twisted.repeat(200 / twisted.length), "ada@shop.test", []);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});
