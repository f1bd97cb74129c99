import { defineService, jsonSetting } from "@shop/service";
import { z } from "zod";
import { openSigner, privateJwk } from "./access-token.ts";
import { addMissingUsers, bootstrapUsers, renewEmails } from "./bootstrap-users.ts";
import { contactOf } from "./contact.ts";
import { replaceKnownPasswords, replacedPasswords } from "./replace-passwords.ts";
import { contextOf, resolversOf } from "./resolvers.ts";
import { openStore } from "./store.ts";

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
  async start({ pg, log, config }) {
    const store = openStore(pg);
    const signer = await openSigner(config.JWT_PRIVATE_JWK);
    await replaceKnownPasswords({ pg, store, log }, config.REPLACED_PASSWORDS);
    await renewEmails({ store, log });
    const isProduction = /^prod(uction)?$/i.test(config.NODE_ENV);
    await addMissingUsers({ pg, store, log, isProduction }, config.BOOTSTRAP_USERS);
    return {
      resolvers: resolversOf({ pg, store, signer }),
      context: () => contextOf(store),
      requestHandlers: { "account.contact": contactOf(store) },
    };
  },
});
