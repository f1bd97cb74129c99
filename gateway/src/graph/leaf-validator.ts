import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  type GraphQLLeafType,
} from "graphql";

/** Whether a subgraph's value is one of the type; values of the shop's own scalars are taken as they are. */
export function leafValidator(type: GraphQLLeafType): (value: unknown) => boolean {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => names.has(value);
  }
  if (type.name === GraphQLInt.name) return (value) => Number.isInteger(value);
  if (type.name === GraphQLFloat.name) return (value) => typeof value === "number";
  if (type.name === GraphQLBoolean.name) return (value) => typeof value === "boolean";
  if (type.name === GraphQLString.name) return (value) => typeof value === "string";
  if (type.name === GraphQLID.name) return (value) => typeof value === "string" || Number.isInteger(value);
  return () => true;
}
