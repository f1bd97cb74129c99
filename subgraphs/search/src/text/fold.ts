/** Normalizes text for comparison: without diacritics, case and ligatures, alike for documents and queries. */
export function fold(text: string): string {
  if (isPlain(text)) return text.toLowerCase();
  return text
    .replace(/[™®©℠]/g, " ")
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[ßæœøłđþð]/g, (letter) => ligatures[letter] ?? letter);
}

const ligatures: Record<string, string> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  þ: "th",
  ð: "d",
};

// Most text of a shop is ASCII, and Unicode normalization is the slowest part of indexing.
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 126) return false;
  return true;
}
