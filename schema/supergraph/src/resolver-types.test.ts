import { parse } from "graphql";
import { expect, test } from "vitest";
import { resolverTypes } from "./resolver-types.ts";

const shelf = parse(/* GraphQL */ `
  type Query {
    books: [Book]
  }
  type Book @key(fields: "id proof") {
    id: ID!
    proof: String @inaccessible
    price: Money
    next: Book
  }
  type Money @shareable {
    amount: Int!
  }
`);

test("every type's fields must be answered, but for the kit's and for what only the gateway sends", async () => {
  const code = await resolverTypes(shelf, {});
  expect(code).toContain(`CompleteResolvers<OptionalResolvers<ContextType>, "Query" | "Book", "Book.proof">`);
});

test("what is made for a type says of each of its fields whether it is null", async () => {
  const code = await resolverTypes(shelf, { Book: "../store.ts#Row" });
  expect(code).toMatch(/export type Book = \{[^}]*price: Maybe<Money>/);
  expect(code).not.toMatch(/\?: Maybe</);
});
