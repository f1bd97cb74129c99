import { readFile } from "node:fs/promises";
import { readOperations } from "@shop/values/operations";
import { buildSchema, isEnumType, isInputObjectType, isObjectType, parse, validate } from "graphql";
import { beforeAll, expect, test } from "vitest";
import { apiFile } from "./index.ts";

type Described = { name: string; description?: string | null | undefined; args?: readonly Described[] };

let api: ReturnType<typeof buildSchema>;
beforeAll(async () => void (api = buildSchema(await readFile(apiFile, "utf8"))));

test("every type, field, argument, input and enum value of the API is described", () => {
  const bare: string[] = [];
  for (const type of Object.values(api.getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    if (!type.description) bare.push(type.name);
    const members: readonly Described[] = isEnumType(type)
      ? type.getValues()
      : isObjectType(type) || isInputObjectType(type)
        ? Object.values(type.getFields())
        : [];
    for (const member of members) {
      const at = `${type.name}.${member.name}`;
      if (!member.description) bare.push(at);
      for (const it of member.args ?? []) if (!it.description) bare.push(`${at}(${it.name})`);
    }
  }
  expect(bare).toEqual([]);
});

test("every operation that clients are given is valid", () => {
  const wrong: string[] = [];
  for (const { name, text } of readOperations()) {
    for (const error of validate(api, parse(text))) wrong.push(`${name}: ${error.message}`);
  }
  expect(wrong).toEqual([]);
});
