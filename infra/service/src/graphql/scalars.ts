import { formatAmount, isCountry, isCurrency, type Money } from "@shop/values";
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";

/** The scalars and value types that all subgraphs share; each gets those that its schema names. */
export const sharedResolvers: Record<string, GraphQLScalarType | Record<string, unknown>> = {
  DateTime: scalar("DateTime", "an ISO 8601 instant such as 2026-11-27T08:00:00Z", readInstant, (value) => {
    const date = value instanceof Date ? value : new Date(String(value));
    return date.toISOString();
  }),
  Decimal: scalar("Decimal", 'a decimal such as "19.99"', (text) =>
    /^-?\d{1,16}(\.\d{1,10})?$/.test(text) ? text : undefined,
  ),
  CurrencyCode: scalar("CurrencyCode", "an ISO 4217 code such as USD", (text) =>
    isCurrency(text) ? text : undefined,
  ),
  CountryCode: scalar("CountryCode", "an ISO 3166-1 alpha-2 code such as DE", (text) =>
    isCountry(text) ? text : undefined,
  ),
  URL: scalar("URL", "an http(s) URL of at most 2,000 characters", readUrl),
  Money: { amount: (money: Money) => formatAmount(money) },
};

function scalar(
  name: string,
  expected: string,
  read: (text: string) => unknown,
  serialize: (value: unknown) => unknown = (value) => value,
): GraphQLScalarType {
  const parse = (value: unknown) => {
    const result = typeof value === "string" ? read(value) : undefined;
    if (result !== undefined) return result;
    // Only what is flat is shown: anything else may be nested deeper than the stack is.
    const shown = typeof value === "object" ? "something else" : JSON.stringify(value)?.slice(0, 60);
    throw new GraphQLError(`expected ${expected}, got ${shown}`, { extensions: { code: "BAD_USER_INPUT" } });
  };
  return new GraphQLScalarType({
    name,
    serialize,
    parseValue: parse,
    parseLiteral: (node: ValueNode) =>
      parse(node.kind === Kind.STRING ? node.value : "value" in node ? node.value : null),
  });
}

function readInstant(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function readUrl(text: string): string | undefined {
  if (text.length > 2_000 || !URL.canParse(text)) return undefined;
  return /^https?:$/.test(new URL(text).protocol) ? text : undefined;
}
