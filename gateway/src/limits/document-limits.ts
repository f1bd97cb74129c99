import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import { maxDirectivesRule } from "@escape.tech/graphql-armor-max-directives";
import { GraphQLError, type ValidationContext, type ValidationRule } from "graphql";
import { storableLiterals } from "./validate-text.ts";
import { unconditionalSubscriptions } from "./subscription-root-rule.ts";

/** Words and signs in a document; the widest operation of schema/operations has some hundred. */
export const maxTokens = 3_000;

const maxDepth = 12;
const maxAliases = 30;
const maxDirectives = 30;

/** How large a document may be, fragments counted each time they are spread, and what its texts may hold. */
export const documentLimits: ValidationRule[] = [
  // flattenFragments: a fragment is a way of writing, not a level of its own.
  (context) => maxDepthRule({ n: maxDepth, flattenFragments: true, ...reporting })(context),
  (context) => maxAliasesRule({ n: maxAliases, ...reporting })(context),
  (context) => maxDirectivesRule({ n: maxDirectives, ...reporting })(context),
  storableLiterals,
  unconditionalSubscriptions,
];

// Thrown, as the rules do by default, an error would leave the server's pipeline as a fault of ours (500).
const reporting = {
  propagateOnRejection: false,
  onReject: [
    (context: ValidationContext | null, error: GraphQLError) => {
      context?.reportError(new GraphQLError(error.message.replace(/^Syntax Error: /, "")));
    },
  ],
};
