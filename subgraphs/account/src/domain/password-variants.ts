import { foldedText } from "@shop/values";

/** A variant of a password without separators, and the number of distinct separators that it had. */
export type PasswordVariant = { text: string; separatorKinds: number };

/** Separators: blanks, punctuation and symbols, but no emoji, which are as good as letters. */
const separators = /(?!\p{Extended_Pictographic})[\s\p{P}\p{S}]/gu;

/** Folds case and removes accents and separators: "P.a-s s_w" becomes "passw". */
export function foldPassword(text: string): string {
  return plainLetters(text).replace(separators, "");
}

/**
 * The variants of a password by leet substitution: as typed, with symbols between letters as the letters that they look like, then
 * with digits between letters too, then with all digits and symbols: "P@$$w0rd!" is "pw0rd", "passw0rd", "password" and
 * "passwordi"; and once more with 1 and ! as l.
 */
export function passwordVariants(text: string): PasswordVariant[] {
  const plain = plainLetters(text);
  const signs = /(?<=\p{L}[^\p{L}\s]{0,8})[^\p{L}\p{N}\s](?=[^\p{L}\s]{0,8}\p{L})/gu;
  const inner = /(?<=\p{L}[^\p{L}\s]{0,8})[^\p{L}\s](?=[^\p{L}\s]{0,8}\p{L})/gu;
  return [
    plain,
    plain.replace(signs, letterOf),
    plain.replace(inner, letterOf),
    plain.replace(/./gu, letterOf),
    plain.replace(/./gu, (sign) => (sign === "1" || sign === "!" ? "l" : letterOf(sign))),
  ].map((variant) => ({
    text: variant.replace(separators, ""),
    separatorKinds: new Set(variant.match(separators)).size,
  }));
}

function plainLetters(text: string): string {
  const letters = foldedText(text.normalize("NFKC"))
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/gu, "");
  return letters.replace(/[ıßøłđ]/gu, (letter) => plain[letter] ?? letter).normalize("NFC");
}

const plain: Readonly<Record<string, string>> = { ı: "i", ß: "ss", ø: "o", ł: "l", đ: "d" };

function letterOf(sign: string): string {
  return lookAlikes[sign] ?? sign;
}

const lookAlikes: Readonly<Record<string, string>> = {
  ...{ "0": "o", "1": "i", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g" },
  ...{ "@": "a", $: "s", "!": "i", "|": "l", "+": "t", "(": "c", "{": "c", "[": "c", "<": "c" },
  ...{ "€": "e", "£": "l", "¥": "y", "%": "x", "§": "s", "°": "o", "¢": "c" },
};
