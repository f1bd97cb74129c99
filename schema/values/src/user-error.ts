import type { UserErrorCode } from "./error-codes.ts";

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
