import type { UserErrorCode } from "./error-codes.ts";
import { isText } from "./text.ts";

/** An expected failure as data: an entry of `userErrors`. */
export type UserError<Code extends UserErrorCode = UserErrorCode> = {
  code: Code;
  message: string;
  field: string[] | null;
};

/** Makes an entry of `userErrors`. */
export function userError<Code extends UserErrorCode>(
  code: Code,
  message: string,
  field?: readonly string[],
): UserError<Code> {
  return { code, message, field: field ? [...field] : null };
}

/** An index has each key, and takes no long entries. */
const maxKeyLength = 200;

/** The errors of an idempotency key, which has 1 to 200 characters; none for an absent one. */
export function checkIdempotencyKey(
  key: string | null | undefined,
  field: readonly string[] = ["idempotencyKey"],
): UserError<"INVALID_INPUT">[] {
  if (key === null || key === undefined) return [];
  if (key !== "" && key.length <= maxKeyLength && isText(key)) return [];
  return [userError("INVALID_INPUT", `Give a key of 1 to ${maxKeyLength} characters.`, field)];
}
