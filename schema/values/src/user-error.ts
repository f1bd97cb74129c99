/** An expected failure as data: an entry of `userErrors`. */
export type UserError<Code extends string = string> = { code: Code; message: string; field: string[] | null };

/** Makes an entry of `userErrors`. */
export function userError<Code extends string>(
  code: Code,
  message: string,
  field?: readonly string[],
): UserError<Code> {
  return { code, message, field: field ? [...field] : null };
}
