import { foldedText, normalEmail, normalText } from "@shop/values";
import { isGuessable } from "./guessable-password.ts";
import type { Refusal } from "./refusal.ts";

export type SignUp = { email: string; password: string; name: string };

/** The form in which an e-mail is kept and compared: the gateway's throttles count by the same. */
export const normaliseEmail = normalEmail;

/** The form in which a password is hashed and compared: keyboards write the same letters in several ways. */
export function normalPassword(password: string): string {
  return password.normalize("NFKC");
}

/** Something, @, a domain with a dot in it, in any script; none of what needs quoting or carries markup, no empty part. */
const addressLike =
  /^[^\s@.<>()[\]\\,;:"\p{C}]+(\.[^\s@.<>()[\]\\,;:"\p{C}]+)*@[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+$/u;

/** What is wrong with a sign-up; e-mail and name are normalised already. */
export function checkSignUp({ email, password, name }: SignUp): Refusal[] {
  const refusals: Refusal[] = [];
  if (email.length > 254 || !addressLike.test(email)) {
    refusals.push({
      code: "INVALID_INPUT",
      message: "This is not an e-mail address.",
      field: ["input", "email"],
    });
  }
  if (name.length < 1 || name.length > 200) {
    refusals.push({
      code: "INVALID_INPUT",
      message: "A name has 1 to 200 characters.",
      field: ["input", "name"],
    });
  }
  return [...refusals, ...checkPassword(password, email, ["input", "password"], name)];
}

/**
 * By NIST SP 800-63B: 8 to 200 characters, none of which must be of any kind, and nothing that attackers try first. Runs of
 * blanks count as one character, invisible ones not at all.
 */
export function checkPassword(password: string, email: string, field: string[], name = ""): Refusal[] {
  const normal = normalPassword(password);
  const weak = (message: string): Refusal[] => [{ code: "WEAK_PASSWORD", message, field }];
  if (codePoints(normalText(normal)) < 8 || codePoints(normal) > 200)
    return weak("A password has 8 to 200 characters; blanks in a row count as one.");
  if (foldedText(normal) === email || isGuessable(normal, [email, ...email.split("@"), name]))
    return weak(
      "This password is easy to guess: it is common, a pattern, or made of your e-mail, your name or the shop's. Take a longer one, such as three words that don't belong together.",
    );
  return [];
}

/** What NIST counts as characters. */
const codePoints = (text: string): number => Array.from(text).length;
