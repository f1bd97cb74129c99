import { readFile } from "node:fs/promises";
import { readOperations } from "@shop/values/operations";
import {
  buildSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type SelectionSetNode,
} from "graphql";
import { expect, test } from "vitest";
import { apiFile } from "./index.ts";

const schema = buildSchema(await readFile(apiFile, "utf8"));
const documents = readOperations().map(({ name, text }) => ({ name, document: parse(text) }));
const fragments = new Map(
  documents.flatMap(({ document }) =>
    document.definitions.flatMap((one): [string, FragmentDefinitionNode][] =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [],
    ),
  ),
);

const hasId = (type: GraphQLNamedType) => isObjectType(type) && type.getFields()["id"] !== undefined;

/** The fields of a selection, those of its fragments among them, as a path each. */
function fieldsOf({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const inner = selection.selectionSet ? fieldsOf(selection.selectionSet) : [];
      return [name, ...inner.map((field) => `${name}.${field}`)];
    }
    const set =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? fragments.get(selection.name.value)?.selectionSet
        : selection.selectionSet;
    return set ? fieldsOf(set) : [];
  });
}

/** Each selection of an object in an operation, with its type and where it stands. */
function objectsIn(
  visitObject: (at: { name: string; place: string; type: GraphQLNamedType; fields: string[] }) => void,
) {
  for (const { name, document } of documents) {
    const typeInfo = new TypeInfo(schema);
    visit(
      document,
      visitWithTypeInfo(typeInfo, {
        Field(node) {
          const [type, parent] = [typeInfo.getType(), typeInfo.getParentType()];
          if (!type || !parent || !node.selectionSet) return;
          const named = getNamedType(type);
          const place = `${parent.name}.${node.name.value}`;
          visitObject({ name, place, type: named, fields: fieldsOf(node.selectionSet) });
        },
      }),
    );
  }
}

test("every operation is valid", () => {
  const wrong = documents.flatMap(({ name, document }) =>
    validate(schema, document).map(({ message }) => `${name}: ${message}`),
  );
  expect(wrong).toEqual([]);
});

test("what has an id is asked for it, so that caches know it again", () => {
  const wrong: string[] = [];
  objectsIn(({ name, place, type, fields }) => {
    if (hasId(type) && !fields.includes("id")) wrong.push(`${name}: ${place}`);
  });
  expect(wrong).toEqual([]);
});

test("what has no id is asked for the same everywhere, so that no page takes from another's cache", () => {
  const asked = new Map<string, Set<string>>();
  objectsIn(({ place, type, fields }) => {
    const [parent = ""] = place.split(".");
    const owner = schema.getType(parent);
    if (!owner || !hasId(owner) || !isCompositeType(type) || isAbstractType(type) || hasId(type)) return;
    const sets = asked.get(place) ?? new Set();
    asked.set(place, sets.add([...new Set(fields)].toSorted().join(" ")));
  });
  expect([...asked].filter(([, sets]) => sets.size > 1)).toEqual([]);
  expect(asked.size).toBeGreaterThan(20);
});

test("a picture is asked for what it shows", () => {
  const wrong: string[] = [];
  objectsIn(({ name, place, type, fields }) => {
    if (type.name === "Image" && !fields.includes("alt")) wrong.push(`${name}: ${place}`);
  });
  expect(wrong).toEqual([]);
});

test("no selection of ten fields stands in two operations: it is a fragment", () => {
  const places = new Map<string, string[]>();
  const texts = readOperations().map(({ name, text }) => ({ name, own: parse(text).definitions[0] }));
  for (const { name, own } of texts) {
    if (own?.kind !== Kind.OPERATION_DEFINITION) continue;
    visit(own, {
      SelectionSet(set) {
        const names = set.selections.map((one) =>
          one.kind === Kind.FIELD ? one.name.value : `…${one.kind}`,
        );
        if (names.length < 10) return;
        places.set(names.join(" "), [...(places.get(names.join(" ")) ?? []), name]);
      },
    });
  }
  expect([...places.values()].filter(({ length }) => length > 1)).toEqual([]);
});

test("every scalar says where it is specified", () => {
  const scalars = Object.values(schema.getTypeMap()).filter(isScalarType);
  const own = scalars.filter((scalar) => !isSpecifiedScalarType(scalar));
  expect(own.length).toBeGreaterThan(4);
  expect(own.filter(({ specifiedByURL }) => !specifiedByURL).map(({ name }) => name)).toEqual([]);
});

// Flash sales have no page of their own yet.
const withoutOperation = /^(flashSale|stockChanged)/;

test("every root field has an operation", () => {
  const used = new Set<string>();
  objectsIn(({ place }) => void used.add(place));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const unused = roots.flatMap((root) =>
    Object.keys(root?.getFields() ?? {})
      .map((field) => `${root?.name}.${field}`)
      .filter((place) => !used.has(place)),
  );
  expect(unused.filter((place) => !withoutOperation.test(place.split(".")[1] ?? ""))).toEqual([]);
});
