/**
 * The environment of the launcher's processes, without the launcher's own settings: a program gets only the secrets and addresses
 * that it needs. A store may run as another user, who can read its environment.
 */
export function bareEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = { ...env };
  for (const name of forLauncher) delete kept[name];
  return kept;
}

const forLauncher = [
  ...["PORT", "HOST", "GATEWAY_HOST", "DATABASE_URL", "REDIS_URL", "NATS_URL", "ELASTICSEARCH_URL"],
  ...["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "BOOTSTRAP_USERS", "ACCOUNT_BOOTSTRAP_USERS"],
  // The channel of a test that started the launcher.
  "NODE_CHANNEL_FD",
];
