import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import { maxDirectivesRule } from "@escape.tech/graphql-armor-max-directives";
import { GraphQLError, type ValidationContext, type ValidationRule } from "graphql";
import { maxAliases, maxDepth, maxDirectives } from "./operation-limits.ts";
import { validTextRule } from "./validate-text.ts";
import { subscriptionRootRule } from "./subscription-root-rule.ts";

/** The validation rules for a document's size, in which a fragment counts each time it is spread, and for its texts. */
export const documentLimits: ValidationRule[] = [
  // flattenFragments: a fragment is no level of its own.
  (context) => maxDepthRule({ n: maxDepth, flattenFragments: true, ...reporting })(context),
  (context) => maxAliasesRule({ n: maxAliases, ...reporting })(context),
  (context) => maxDirectivesRule({ n: maxDirectives, ...reporting })(context),
  validTextRule,
  subscriptionRootRule,
];

// By default the rules throw, which Apollo Server would answer with 500: they report instead.
const reporting = {
  propagateOnRejection: false,
  onReject: [
    (context: ValidationContext | null, error: GraphQLError) => {
      context?.reportError(new GraphQLError(error.message.replace(/^Syntax Error: /, "")));
    },
  ],
};
