import { visit, type DocumentNode } from "graphql";

/** Fields whose values let their holder act for somebody else: tokens, and the id of a guest's new cart. */
export const secretFields: ReadonlySet<string> = new Set([
  "accessToken",
  "refreshToken",
  "orderToken",
  "clientSecret",
  "cartCreate",
]);

/** Whether the answer to a document may have a credential. */
export function selectsSecret(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Field({ name }) {
      if (secretFields.has(name.value)) found = true;
    },
  });
  return found;
}
