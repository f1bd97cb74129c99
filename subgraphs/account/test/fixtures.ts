import { guest, startTestService, type TestService, type TestStores } from "@shop/testkit";
import type { Identity, Role } from "@shop/service";
import { decodeJwt, exportJWK, generateKeyPair, type JWK } from "jose";
import account from "../src/main.ts";

export type Session = {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
  user: { id: string; email: string; name: string; roles: string[] };
};

export type UserErrors = { code: string; field: string[] | null }[];

/** Null where a test expects user errors: such a test reads the whole payload. */
export type SessionPayload = { session: Session; userErrors: UserErrors };

const payload = `session { accessToken refreshToken expiresAt user { id email name roles } } userErrors { code field }`;
const documents = {
  signUp: `mutation ($input: SignUpInput!) { it: signUp(input: $input) { ${payload} } }`,
  logIn: `mutation ($input: LogInInput!) { it: logIn(input: $input) { ${payload} } }`,
  refresh: `mutation ($token: String!) { it: refreshSession(refreshToken: $token) { ${payload} } }`,
  logOut: `mutation ($token: String!) { it: logOut(refreshToken: $token) { ${payload} } }`,
  change: `mutation ($current: String!, $next: String!) {
    it: passwordChange(currentPassword: $current, newPassword: $next) { ${payload} } }`,
};

export const password = "correct horse";

/** Calls the account service by what a person does. */
export function person(service: TestService, identity: Identity = guest) {
  const call = (document: string, variables: Record<string, unknown>) =>
    ask<SessionPayload>(service, document, variables, identity);
  return {
    signUp: (email: string) => call(documents.signUp, { input: { email, password, name: "Ada" } }),
    logIn: (email: string, given = password) => call(documents.logIn, { input: { email, password: given } }),
    refresh: (token: string) => call(documents.refresh, { token }),
    logOut: (token: string) => call(documents.logOut, { token }),
    change: (current: string, next: string) => call(documents.change, { current, next }),
  };
}

/** The session change of one mutation field, for the gateway. */
export type SessionChange = { field: string; accessToken: string | null; ended: string[] };

/** The answer of a document, with the extensions for the gateway. */
export async function send(
  service: TestService,
  document: string,
  variables: Record<string, unknown> = {},
  identity: Identity = guest,
) {
  const { data, errors, extensions } = (await service.graphql(document, variables, identity)) as Awaited<
    ReturnType<TestService["graphql"]>
  > & { extensions?: { sessions?: SessionChange[] } };
  return {
    data,
    codes: errors?.map((one) => one.extensions?.["code"]) ?? [],
    news: extensions?.sessions ?? [],
  };
}

/** The identity that this access token stands for, as a gateway reads it. */
export function identityOf(accessToken: string): Extract<Identity, { kind: "user" }> {
  const {
    sub = "",
    roles,
    email,
    sid,
  } = decodeJwt<{ roles: Role[]; email: string; sid: string }>(accessToken);
  return { kind: "user", userId: sub, roles, email, sid };
}

/** The field that the document calls `it`; throws what the graph says is wrong. */
export async function ask<T>(
  service: TestService,
  document: string,
  variables: Record<string, unknown> = {},
  identity: Identity = guest,
): Promise<T> {
  const { data, errors } = await service.graphql(document, variables, identity);
  if (errors?.[0]) throw new Error(`${errors[0].message} (${String(errors[0].extensions?.["code"])})`);
  return data?.["it"] as T;
}

export async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  return { ...(await exportJWK(privateKey)), kid: "key-1" };
}

type Person = { email: string; name: string; password: string; roles: string[] };

/** The account service with this key, and with these people to be there from the start. */
export async function startAccount(
  stores: TestStores,
  {
    key,
    people = [],
    replaced = [],
    databaseUrl,
    nodeEnv,
  }: {
    key: JWK;
    people?: Person[];
    replaced?: { email: string; known: string; password: string }[];
    databaseUrl?: string;
    nodeEnv?: string;
  },
): Promise<TestService> {
  const env = {
    ACCOUNT_JWT_PRIVATE_JWK: JSON.stringify(key),
    BOOTSTRAP_USERS: JSON.stringify(people),
    REPLACED_PASSWORDS: JSON.stringify(replaced),
    ...(nodeEnv !== undefined && { NODE_ENV: nodeEnv }),
  };
  return await startTestService(account, { stores, env, ...(databaseUrl !== undefined && { databaseUrl }) });
}
