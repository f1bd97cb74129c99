import type { Refusal } from "./refusal.ts";

export type SignUp = { email: string; password: string; name: string };

/** The form in which an e-mail is kept and compared. */
export function normaliseEmail(email: string): string {
  return email.normalize("NFC").trim().toLowerCase();
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
  return [...refusals, ...checkPassword(password, email, ["input", "password"])];
}

/** Length is what makes a password strong; the e-mail itself is known to everybody. */
export function checkPassword(password: string, email: string, field: string[]): Refusal[] {
  const { length } = password;
  if (length >= 8 && length <= 200 && normaliseEmail(password) !== email) return [];
  const message = "A password has 8 to 200 characters and is not the e-mail.";
  return [{ code: "WEAK_PASSWORD", message, field }];
}
