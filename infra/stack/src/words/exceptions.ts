/** A word that stands where it means what it says; `times` in this file. */
export type Exception = { file: string; word: string; times: number; because: string };

/** Fewer than ten, each with its reason. */
export const exceptions: readonly Exception[] = [];
