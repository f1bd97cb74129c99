import { defineService, jsonSetting } from "@shop/service";
import { z } from "zod";
import { privateJwk } from "./access-token.ts";
import { openDeps } from "./deps.ts";
import { loaders } from "./loaders.ts";
import { requestHandlers } from "./requests.ts";
import { resolvers } from "./resolvers.ts";
import { addMissingUsers, bootstrapUsers } from "./use-cases/bootstrap-users.ts";
import { replacedPasswords, replaceKnownPasswords } from "./use-cases/replace-known-passwords.ts";

export default defineService({
  name: "account",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  config: {
    NODE_ENV: z.string().default(""),
    JWT_PRIVATE_JWK: jsonSetting(privateJwk),
    BOOTSTRAP_USERS: jsonSetting(bootstrapUsers).default([]),
    REPLACED_PASSWORDS: jsonSetting(replacedPasswords).default([]),
  },
  async start(kit) {
    const deps = await openDeps(kit);
    await replaceKnownPasswords(deps, kit.config.REPLACED_PASSWORDS);
    await addMissingUsers(deps, kit.config.BOOTSTRAP_USERS);
    return {
      resolvers: resolvers(deps),
      context: () => loaders(deps),
      requestHandlers: requestHandlers(deps),
    };
  },
});
