/** Whether the text can be kept: Postgres refuses NUL in any text, and half of a surrogate pair in JSON. */
export function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
