import type { Operations } from "./generated/operations.ts";

/** The name of an operation of schema/operations. */
export type OperationName = keyof Operations;

/** A document of a story's own: its variables and its answer have no types. */
export type Document = `${string}{${string}`;

/** What a story reads of an answer, each part being there: a part that is missing fails the story where it is read. */
export type Expected<Part> = Part extends readonly (infer Item)[]
  ? [Expected<NonNullable<Item>>, ...Expected<NonNullable<Item>>[]]
  : Part extends object
    ? { [Name in keyof Part]: Expected<NonNullable<Part[Name]>> }
    : Part;

/** The data that answers an operation. */
export type DataOf<Name extends OperationName> = Expected<Operations[Name]["answer"]>;

/** What the one field of a mutation answers. */
export type PayloadOf<Name extends OperationName> = DataOf<Name>[keyof DataOf<Name>];

/** The variables of an operation as an argument, which may be left out where all of them may. */
export type VariablesOf<Name extends OperationName> =
  Record<string, never> extends Operations[Name]["variables"]
    ? [variables?: Operations[Name]["variables"]]
    : [variables: Operations[Name]["variables"]];

// oxlint-disable-next-line typescript/no-explicit-any -- the answer to a document of a story's own
export type Untyped = any;

/** What the graph answered. */
export type Answer<Data = Untyped> = {
  data: Data;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
};
