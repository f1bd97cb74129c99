const maxLength = 80;

/** A slug of these texts: lower-case letters and digits of any script, joined by dashes, at most 80 long; "x" if nothing is left. */
export function slugOf(...texts: readonly string[]): string {
  const parts = texts.map(dashed).filter((it) => it !== "");
  const last = parts.length > 1 ? `-${parts.pop() ?? ""}` : "";
  const first = parts
    .join("-")
    .slice(0, Math.max(1, maxLength - last.length))
    .replace(/-+$/, "");
  return first + last || "x";
}

/** Whether the text is a slug: lower case, dashes, 1 to 200 characters. */
export const isSlug = (text: string): boolean => text.length <= 200 && text !== "" && dashed(text) === text;

function dashed(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
}
