export * from "./countries.ts";
export * from "./ids.ts";
export * from "./money.ts";
export * from "./pages.ts";
export * from "./payable.ts";
export * from "./service-names.ts";
export * from "./text.ts";
export * from "./user-error.ts";
