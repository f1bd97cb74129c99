import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedScalarType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
} from "graphql";

/** Where an API differs from what its contract promises: the place, such as `Product.title` or `Cart.quote(address)`, and how. */
export type Difference = { at: string; is: string };

/**
 * All differences of the API from the contract. The API may have more; what the contract has must be there with exactly
 * its type, nullability and defaults, and nothing more may be required of a client than the contract requires.
 */
export function differences(contract: GraphQLSchema, api: GraphQLSchema): Difference[] {
  return named(contract).flatMap((promised) => {
    const actual = api.getType(promised.name);
    if (!actual) return [lacking(promised.name)];
    if (actual.constructor.name !== promised.constructor.name)
      return [{ at: promised.name, is: "of another kind" }];
    return membersDiffer(promised, actual);
  });
}

const named = (schema: GraphQLSchema) =>
  Object.values(schema.getTypeMap()).filter((it) => !it.name.startsWith("__") && !isSpecifiedScalarType(it));

const lacking = (at: string): Difference => ({ at, is: "lacking" });

function membersDiffer(promised: GraphQLNamedType, actual: GraphQLNamedType): Difference[] {
  const { name } = promised;
  if (isEnumType(promised) && isEnumType(actual)) {
    return promised
      .getValues()
      .flatMap((it) => (actual.getValue(it.name) ? [] : [lacking(`${name}.${it.name}`)]));
  }
  if (isUnionType(promised) && isUnionType(actual)) {
    const members = new Set(actual.getTypes().map((it) => it.name));
    return promised
      .getTypes()
      .flatMap((it) => (members.has(it.name) ? [] : [lacking(`${name} | ${it.name}`)]));
  }
  if (isInputObjectType(promised) && isInputObjectType(actual)) {
    const fields = Object.values(actual.getFields());
    const asked = Object.values(promised.getFields());
    return inputsDiffer(asked, fields, isRequiredInputField, (field) => `${name}.${field}`);
  }
  if (isObjectOrInterface(promised) && isObjectOrInterface(actual)) return fieldsDiffer(promised, actual);
  return [];
}

const isObjectOrInterface = (type: GraphQLNamedType) => isObjectType(type) || isInterfaceType(type);

type WithFields = Extract<GraphQLNamedType, { getInterfaces: unknown }>;

function fieldsDiffer(promised: WithFields, actual: WithFields): Difference[] {
  const fields = actual.getFields();
  return Object.values(promised.getFields()).flatMap((field) => {
    const at = `${promised.name}.${field.name}`;
    const other = fields[field.name];
    if (!other) return [lacking(at)];
    const type = typeDiffers(at, field.type, other.type);
    return [...type, ...inputsDiffer(field.args, other.args, isRequiredArgument, (it) => `${at}(${it})`)];
  });
}

function inputsDiffer<Input extends GraphQLArgument | GraphQLInputField>(
  promised: readonly Input[],
  actual: readonly Input[],
  isRequired: (input: Input) => boolean,
  place: (name: string) => string,
): Difference[] {
  const names = new Set(promised.map((it) => it.name));
  const more = actual.filter((it) => !names.has(it.name) && isRequired(it));
  const asked = promised.flatMap((input) => {
    const at = place(input.name);
    const other = actual.find((it) => it.name === input.name);
    if (!other) return [lacking(at)];
    const sameDefault = JSON.stringify(input.defaultValue) === JSON.stringify(other.defaultValue);
    return [
      ...typeDiffers(at, input.type, other.type),
      ...(sameDefault ? [] : [{ at, is: `defaulting to ${JSON.stringify(other.defaultValue)}` }]),
    ];
  });
  return [...asked, ...more.map((it) => ({ at: place(it.name), is: "required, and not in the contract" }))];
}

function typeDiffers(at: string, promised: GraphQLType, actual: GraphQLType): Difference[] {
  const [is, was] = [String(actual), String(promised)];
  return is === was ? [] : [{ at, is: `${is}, not ${was}` }];
}
