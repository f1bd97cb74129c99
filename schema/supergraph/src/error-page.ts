import { gatewayErrorCodes, publicErrorCodes, userErrorCodes } from "@shop/values";

/** The page infra/docs/errors.md: all codes and their meanings, from the table of `@shop/values`. */
export function errorPage(): string {
  return `# Error codes

Written by \`npm run compose\` from \`schema/values/src/error-codes.ts\`.

## In \`userErrors\`

What a shopper can act on is data: \`UserError.code\` is one of these, and \`message\` is for the reader.

${tableOf(userErrorCodes)}

## In \`errors\`

\`extensions.code\` of a GraphQL error, from any service or the gateway:

${tableOf(publicErrorCodes)}

From the gateway alone; it logs and masks any other code of a subgraph as INTERNAL_SERVER_ERROR:

${tableOf(gatewayErrorCodes)}
`;
}

function tableOf(codes: Readonly<Record<string, string>>): string {
  const rows = Object.entries(codes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return ["| code | means |", "| --- | --- |", ...rows].join("\n");
}
