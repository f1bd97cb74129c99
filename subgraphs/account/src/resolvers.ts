import { hasRole, requireRole, requireUser, userError } from "@shop/service";
import { addressForm, newId } from "@shop/values";
import type { Deps } from "./deps.ts";
import {
  addAddress,
  inOrder,
  removeAddress,
  updateAddress,
  type Book,
  type BookEdit,
} from "./domain/address-book.ts";
import { findCustomers } from "./find-customers.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { AccountContext } from "./loaders.ts";
import { applySessionChange } from "./use-cases/apply-session-change.ts";
import type { SessionResult } from "./use-cases/begin-session.ts";
import { changePassword } from "./use-cases/change-password.ts";
import { logIn } from "./use-cases/log-in.ts";
import { logOut } from "./use-cases/log-out.ts";
import { refreshSession } from "./use-cases/refresh-session.ts";
import { setUserTier } from "./use-cases/set-user-tier.ts";
import { signUp } from "./use-cases/sign-up.ts";

/** Account's part of the graph. */
export function resolvers(deps: Deps): Resolvers {
  const { store } = deps;

  return {
    Query: {
      me: async (_, __, { identity, users }) =>
        identity.kind === "user" ? await users.load(identity.userId) : null,
      customers: async (_, args, context) => {
        requireRole(context, "STAFF");
        return await findCustomers(deps.pg, store.findUsers, args);
      },
      addressForm: (_, { country }) => {
        const form = addressForm(country);
        return form
          ? { country, fields: [...form.fields].map((it) => ({ ...it, regions: [...it.regions] })) }
          : null;
      },
      endedSessions: async (_, { since }) => await store.endedSessions(since ?? undefined),
    },
    User: {
      // A user is visible to that user and to staff; no service hands out references to others.
      __resolveReference: async ({ id }, { identity, users }) => {
        const isSelf = identity.kind === "user" && identity.userId === id;
        return id !== undefined && (isSelf || hasRole(identity, "STAFF")) ? await users.load(id) : null;
      },
      addresses: ({ addresses }) => inOrder(addresses),
    },
    UserConnection: { totalCount: ({ totalCount }) => totalCount() },
    Mutation: {
      signUp: async (_, { input }, context, { path }) =>
        payload(await signUp(deps, input), context, path.key),
      logIn: async (_, { input }, context, { path }) => payload(await logIn(deps, input), context, path.key),
      refreshSession: async (_, { refreshToken }, context, { path }) =>
        payload(await refreshSession(deps, refreshToken), context, path.key),
      logOut: async (_, { refreshToken }, context, { path }) =>
        payload({ errors: [], ended: await logOut(deps, refreshToken) }, context, path.key),
      passwordChange: async (_, input, context, { path }) =>
        payload(await changePassword(deps, requireUser(context), input), context, path.key),
      userTierSet: async (_, { input }, context) =>
        await setUserTier(deps, requireRole(context, "STAFF").userId, input),
      addressAdd: async (_, { input, makeDefault }, context) => {
        const entry = { id: newId("adr"), makeDefault: makeDefault ?? false };
        return addressPayload(await edit(context, (book) => addAddress(book, input, entry)));
      },
      addressUpdate: async (_, { id, input, makeDefault }, context) => {
        const entry = { id, makeDefault: makeDefault ?? false };
        return addressPayload(await edit(context, (book) => updateAddress(book, input, entry)));
      },
      addressRemove: async (_, { id }, context) => {
        const { address, userErrors } = addressPayload(
          await edit(context, (book) => removeAddress(book, id)),
        );
        return { removedId: address?.id ?? null, userErrors };
      },
    },
  };

  async function edit(context: AccountContext, change: (book: Book) => BookEdit): Promise<BookEdit> {
    const { userId } = requireUser(context);
    return (await store.changeAddresses(userId, change)) ?? { error: noAccount };
  }
}

function payload(result: SessionResult, context: AccountContext, field: string | number) {
  applySessionChange(context, field, result);
  return { session: result.session ?? null, userErrors: result.errors ?? [] };
}

function addressPayload({ address, error }: BookEdit) {
  return { address: address ?? null, userErrors: error ? [error] : [] };
}

const noAccount = userError("NOT_FOUND", "There is no such account any more.");
