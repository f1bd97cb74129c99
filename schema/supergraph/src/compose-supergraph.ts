import { composeServices, type CompositionSuccess } from "@apollo/composition";
import { Supergraph, type ServiceDefinition } from "@apollo/federation-internals";
import { printSchema } from "graphql";

/** The supergraph and the API schema of these subgraphs. Throws one error that lists all errors and hints of composition. */
export function composeSupergraph(subgraphs: ServiceDefinition[]): { supergraph: string; api: string } {
  const composed = composeServices(subgraphs);
  if (composed.errors) throw new Error(`The subgraphs don't compose:\n${lines(composed.errors)}`);
  const refused = composed.hints.filter((hint) => !isHarmless(hint));
  if (refused.length > 0) throw new Error(`Composing would lose something:\n${lines(refused)}`);
  const schema = Supergraph.build(composed.supergraphSdl).apiSchema().toGraphQLJSSchema();
  return { supergraph: composed.supergraphSdl, api: printSchema(schema) };
}

// Each subgraph lists the error codes that it uses. Any other hint is about a field, a default or a description that differs
// between subgraphs, so that clients would silently get another than one of them has written.
function isHarmless(hint: CompositionSuccess["hints"][number]): boolean {
  return (
    hint.definition.code === "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM" &&
    hint.message.includes(`enum type "ErrorCode"`)
  );
}

const lines = (messages: { message: string }[]) => messages.map((it) => `- ${it.message}`).join("\n");
