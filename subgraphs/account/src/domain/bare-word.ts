import { foldedText } from "@shop/values";

/** A text without what separates and decorates it, and how many kinds of that there were. */
export type Reading = { bare: string; kinds: number };

/** What separates and decorates: blanks, punctuation and signs, but no emoji, which are as good as letters. */
const separators = /(?!\p{Extended_Pictographic})[\s\p{P}\p{S}]/gu;

/** Folded, without accents and separators: what is left of "P.a-s s_w" is "passw". */
export function bareWord(text: string): string {
  return plainLetters(text).replace(separators, "");
}

/**
 * How a text may be meant: as it stands, with signs between letters as the letters they look like, and with all digits and
 * signs as such: "P@$$w0rd!" is "pwrd", "passw0rd" and "passwordi".
 */
export function readings(text: string): Reading[] {
  const plain = plainLetters(text);
  const signs = /(?<=\p{L}[^\p{L}\s]{0,8})[^\p{L}\p{N}\s](?=[^\p{L}\s]{0,8}\p{L})/gu;
  const inner = /(?<=\p{L}[^\p{L}\s]{0,8})[^\p{L}\s](?=[^\p{L}\s]{0,8}\p{L})/gu;
  return [
    plain,
    plain.replace(signs, letterOf),
    plain.replace(inner, letterOf),
    plain.replace(/./gu, letterOf),
    plain.replace(/./gu, (sign) => (sign === "1" || sign === "!" ? "l" : letterOf(sign))),
  ].map((reading) => ({
    bare: reading.replace(separators, ""),
    kinds: new Set(reading.match(separators)).size,
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
