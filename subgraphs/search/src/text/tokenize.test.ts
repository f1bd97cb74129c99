import { expect, test } from "vitest";
import { chunksOf } from "./tokenize.ts";

const words = (text: string) =>
  chunksOf(text).map(({ parts, joined }) => [...parts, ...(joined ? [`=${joined}`] : [])]);

test("marks, case and ligatures make no difference", () => {
  expect(words("ÉCOUTEURS Straße œuvre Ångström")).toEqual([
    ["ecouteurs"],
    ["strasse"],
    ["oeuvre"],
    ["angstrom"],
  ]);
});

test("trade marks are no letters", () => {
  expect(words("Core™2 Velocity®")).toEqual([["core"], ["2"], ["velocity"]].flatMap((word) => [word]));
});

test("what a hyphen ties is found in parts and as one word", () => {
  expect(words("Wi-Fi DV7-1211ea")).toEqual([
    ["wi", "fi", "=wifi"],
    ["dv7", "1211ea", "=dv71211ea"],
  ]);
});

test("a slash only separates, and a decimal stays one number", () => {
  expect(words("male/female 43,9 cm USB2.0")).toEqual([
    ["male", "female"],
    ["43.9"],
    ["cm"],
    ["usb2", "0", "=usb20"],
  ]);
});

test("operators, quotes, brackets and emoji are nothing", () => {
  expect(words('"( AND* 🎧 ))')).toEqual([["and"]]);
});

test("scripts without blanks are cut into pairs of letters", () => {
  expect(words("登山テント")).toEqual([["登山", "山テ", "テン", "ント"]]);
});

test("a size is its numbers and one word, however it is written", () => {
  expect(words("M8 x 20")).toEqual([["m8", "20", "=m8x20"]]);
  expect(words("m8x20")).toEqual([["m8", "20", "=m8x20"]]);
  expect(words("1440 × 900 pixels")).toEqual([["1440", "900", "=1440x900"], ["pixels"]]);
  expect(words("A x B")).toEqual([["a"], ["x"], ["b"]]);
});

test("a ratio is one word, and its numbers are none", () => {
  expect(words("10/100/1000Base-TX")).toEqual([["10/100", "100/1000", "base", "tx"]]);
});
