import { pino, type DestinationStream, type Logger } from "pino";

/** Keys whose values never reach a log. */
const secrets = [
  "password",
  "token",
  "paymentToken",
  "orderToken",
  "accessToken",
  "refreshToken",
  "clientSecret",
  "authorization",
];

/**
 * Properties that a store's client adds to an error: ioredis the command that was refused, with keys and values (a guest's cart, a
 * password), Postgres the row (an e-mail, an address). The message, the code and the constraint's name stay.
 */
const ofStores = ["err.command.args", "err.aggregateErrors[*].command.args", "err.detail", "err.where"];

/** A program's log: JSON lines on standard output, secrets masked. Level from LOG_LEVEL, default "info". */
export function openLog(
  name: string,
  level: string = process.env["LOG_LEVEL"] ?? "info",
  to?: DestinationStream,
): Logger {
  const paths = [...secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), ...ofStores];
  const options = { name, level, redact: { paths, censor: "[masked]" } };
  return to ? pino(options, to) : pino(options);
}
