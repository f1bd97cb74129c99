import type { StoreUser } from "./store-user.ts";

/** A service's NATS user and the services that it may ask. */
export type NatsUser = StoreUser & { calls: readonly string[] };

/** The account that holds the stream. */
export const streamAccount = "SHOP";
/** The one user that may make the stream and consumers. */
export const provisionerName = "provisioner";

const stream = "SHOP";
const api = "$JS.API";
const consumersOf = (service: string) => [`${service}-inbox`, `${service}-projection`];

/**
 * The server's accounts: one that holds the stream, and one for each service. Permissions alone don't keep services apart:
 * the server sends an answer to whatever subject a request names as its reply, unchecked, so that a direct read, a pull, a
 * publish acknowledgement or an allowed response could place a message on another service's subject. Subjects of an account
 * don't reach beyond it, reply subjects included, but for what is exported and imported here: a service publishes its own
 * events, acknowledges and receives what its own consumers deliver, asks its callees, and asks the provisioner.
 */
export function natsAccounts(
  admin: StoreUser,
  provisioner: StoreUser | undefined,
  users: readonly NatsUser[],
): string {
  const names = new Set(users.map(({ name }) => name));
  const accounts: Record<string, object> = {
    [streamAccount]: {
      jetstream: "enabled",
      users: [userOf(admin), ...(provisioner ? [provisionerUser(provisioner)] : [])],
      exports: users.flatMap(({ name }) => [
        ...servicesOf(name).map((service) => ({ service, accounts: [name] })),
        { stream: `deliver.${name}.>`, accounts: [name] },
      ]),
      // The operator's commands ask services as staff (search:rebuild); the provisioner's permissions leave it out.
      imports: [...names].map((name) => ({ service: { account: name, subject: `req.${name}.>` } })),
    },
  };
  for (const user of users) {
    const { name } = user;
    const calls = user.calls.filter((callee) => names.has(callee));
    const callers = users.filter((other) => other.calls.includes(name)).map((other) => other.name);
    const askers = [...callers, streamAccount];
    accounts[name] = {
      users: [serviceUser({ ...user, calls })],
      exports: [{ service: `req.${name}.>`, accounts: askers }],
      imports: [
        ...servicesOf(name).map((subject) => ({ service: { account: streamAccount, subject } })),
        { stream: { account: streamAccount, subject: `deliver.${name}.>` } },
        ...calls.map((callee) => ({ service: { account: callee, subject: `req.${callee}.>` } })),
      ],
    };
  }
  // JSON is a form of the server's configuration language.
  return `accounts: ${JSON.stringify(accounts, null, 2)}`;
}

/** The subjects that the stream's account serves for a service: its events and acknowledgements, its own last event. */
function servicesOf(service: string): string[] {
  return [
    `evt.${service}.>`,
    `${api}.DIRECT.GET.${stream}.evt.${service}.>`,
    ...consumersOf(service).map((consumer) => `$JS.ACK.${stream}.${consumer}.>`),
    `provision.${service}.*`,
  ];
}

function userOf({ name, password }: StoreUser) {
  return { user: name, password };
}

/** A callee may send one reply within 10 s: within its own account, and to a caller of another. */
const replies = { max: 1, expires: "10s" };

/** The same limits once more as permissions, so that the server reports what would otherwise reach no subscriber. */
function serviceUser(user: NatsUser) {
  const { name, calls } = user;
  return {
    ...userOf(user),
    permissions: {
      publish: {
        allow: [`live.${name}.>`, ...servicesOf(name), ...calls.map((callee) => `req.${callee}.>`)],
      },
      subscribe: { allow: [`_INBOX.${name}.>`, `live.${name}.>`, `req.${name}.>`, `deliver.${name}.>`] },
      allow_responses: replies,
    },
  };
}

function provisionerUser(user: StoreUser) {
  return {
    ...userOf(user),
    permissions: {
      publish: {
        allow: [
          `${api}.INFO`,
          ...["CREATE", "UPDATE", "INFO"].map((act) => `${api}.STREAM.${act}.${stream}`),
          ...["CREATE", "DURABLE.CREATE", "INFO", "DELETE"].map(
            (act) => `${api}.CONSUMER.${act}.${stream}.>`,
          ),
          `${api}.CONSUMER.LIST.${stream}`,
        ],
      },
      subscribe: { allow: [`_INBOX.${user.name}.>`, "provision.>"] },
      allow_responses: replies,
    },
  };
}
