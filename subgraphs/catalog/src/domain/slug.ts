const longest = 80;

/** A readable address part: lower-case letters and digits of any script, joined by dashes, at most 80 long; "x" if nothing is left. */
export function slugOf(...texts: readonly string[]): string {
  const parts = texts.map(dashed).filter((it) => it !== "");
  const last = parts.length > 1 ? `-${parts.pop() ?? ""}` : "";
  const first = parts
    .join("-")
    .slice(0, Math.max(1, longest - last.length))
    .replace(/-+$/, "");
  return first + last || "x";
}

/** Whether the text can stand in an address as it is. */
export const isSlug = (text: string): boolean => text.length <= 200 && text !== "" && dashed(text) === text;

function dashed(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
}
