/**
 * The environment of what the launcher starts, without what was given to the launcher itself: secrets and addresses are
 * handed on only to the program that needs them. A store may run as another user, who can read its environment.
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
