import { foldedText, isEmail, normalEmail, normalText, userError } from "@shop/values";
import { isGuessable } from "./password-strength.ts";
import type { UserError } from "./user-error.ts";

export type SignUp = { email: string; password: string; name: string };

/** The form in which e-mails are stored and compared; the gateway's throttles count by the same form. */
export const normaliseEmail = normalEmail;

/** The form in which passwords are hashed and compared: keyboards encode the same letters in several ways. */
export function normalPassword(password: string): string {
  return password.normalize("NFKC");
}

/** The user errors of a sign-up whose e-mail and name are normalised already. */
export function checkSignUp({ email, password, name }: SignUp): UserError[] {
  const errors: UserError[] = [];
  if (!isEmail(email))
    errors.push(userError("INVALID_INPUT", "This is not an e-mail address.", ["input", "email"]));
  if (name.length < 1 || name.length > 200)
    errors.push(userError("INVALID_INPUT", "A name has 1 to 200 characters.", ["input", "name"]));
  return [...errors, ...checkPassword(password, email, ["input", "password"], name)];
}

/**
 * Checks a new password by NIST SP 800-63B: 8 to 200 characters without required kinds, and no password that attackers try
 * first. A run of blanks counts as one character, invisible characters not at all.
 */
export function checkPassword(password: string, email: string, field: string[], name = ""): UserError[] {
  const normal = normalPassword(password);
  const weak = (message: string) => [userError("WEAK_PASSWORD", message, field)];
  if (codePoints(normalText(normal)) < 8 || codePoints(normal) > 200)
    return weak("A password has 8 to 200 characters; blanks in a row count as one.");
  if (foldedText(normal) === email || isGuessable(normal, [email, ...email.split("@"), name]))
    return weak(
      "This password is easy to guess: it is common, a pattern, or made of your e-mail, your name or the shop's. Take a longer one, such as three words that don't belong together.",
    );
  return [];
}

/** Characters as NIST counts them. */
const codePoints = (text: string): number => Array.from(text).length;
