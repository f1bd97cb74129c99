import { isInterfaceType, isObjectType, visit, type DocumentNode, type GraphQLSchema } from "graphql";

/** A document with the gateway's own names, and the client's name for each. */
export interface RenamedDocument {
  document: DocumentNode;
  /** The client's alias for each of the gateway's. */
  aliases: ReadonlyMap<string, string>;
  /** The gateway's name for each renamed variable of the client. */
  variables: ReadonlyMap<string, string>;
}

/** No field of the supergraph may start with it, so that no alias has the name of a fetched field. */
const aliasPrefix = "alias_";
const variablePrefix = "renamed_";

/** The variables that the executor and the gateway add to a fetch; a client's of that name would replace theirs. */
export const ownVariables = { representations: "representations", resume: "resumeAfter" } as const;
const taken: ReadonlySet<string> = new Set(Object.values(ownVariables));

/**
 * Gives every alias a name of the gateway's own. The query planner adds keys and required fields to the client's selections
 * and reads them back by name, so a client's alias of such a name would take their place.
 */
export function renameAliases(document: DocumentNode): RenamedDocument {
  const given = new Map<string, string>();
  const variables = new Map<string, string>();
  const renamed = (names: Map<string, string>, prefix: string, name: string): string => {
    const known = names.get(name) ?? `${prefix}${names.size}`;
    names.set(name, known);
    return known;
  };
  const changed: DocumentNode = visit(document, {
    Field(field) {
      const { alias, ...plain } = field;
      if (!alias) return;
      if (alias.value === field.name.value) return plain;
      return { ...field, alias: { ...alias, value: renamed(given, aliasPrefix, alias.value) } };
    },
    Variable(variable) {
      const { value } = variable.name;
      if (!taken.has(value) && !value.startsWith(variablePrefix)) return;
      return { ...variable, name: { ...variable.name, value: renamed(variables, variablePrefix, value) } };
    },
  });
  const aliases = new Map([...given].map(([client, own]) => [own, client]));
  return { document: changed, aliases, variables };
}

/** Throws for a supergraph that has a field with the name of a gateway's alias. */
export function refuseAliasLikeFields(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.keys(type.getFields())) {
      if (!field.startsWith(aliasPrefix)) continue;
      throw new Error(
        `The field ${type.name}.${field} starts with "${aliasPrefix}", which the gateway keeps for its own names. Rename it in its subgraph.`,
      );
    }
  }
}

/** The client's variables under the renamed document's names. */
export function renamedVariables(
  { variables: names }: Pick<RenamedDocument, "variables">,
  variables: Record<string, unknown>,
): Record<string, unknown> {
  if (names.size === 0) return variables;
  // A client may send values that its document doesn't declare, even under a name of the gateway's own.
  const known = Object.entries(variables).filter(
    ([name]) => names.has(name) || !name.startsWith(variablePrefix),
  );
  return Object.fromEntries(known.map(([name, value]) => [names.get(name) ?? name, value]));
}

type Aliases = RenamedDocument["aliases"];

/** An error's path in the client's names; the query planner's own aliases end in `__alias_` and a number. */
export function clientPath(path: readonly (string | number)[], aliases: Aliases): (string | number)[] {
  return path.map((part) => {
    if (typeof part === "number") return part;
    const name = part.replace(/__alias_\d+$/, "");
    return aliases.get(name) ?? name;
  });
}

/** An answer with the client's aliases, for the operations that have no response shape. */
export function clientNames(value: unknown, aliases: Aliases): unknown {
  if (typeof value !== "object" || value === null || aliases.size === 0) return value;
  if (Array.isArray(value)) return value.map((one) => clientNames(one, aliases));
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [aliases.get(key) ?? key, clientNames(part, aliases)]),
  );
}
