import { hash } from "node:crypto";
import type { StoreUser } from "./store-user.ts";

/**
 * The commands of each Redis user: none may list keys, which hold the ids of guests' carts, nor flush scripts, change
 * functions, or move data away. Redis checks the commands in a script alike. A service's new command is added here.
 */
const commands: Record<string, string> = {
  cart: "get set del expire ttl hget hmget hset hdel hlen hgetall zadd zrem zcard zscore zpopmin zremrangebyscore time eval evalsha",
  inventory: "get set del exists expire decr mget eval evalsha",
  search: "get set",
  // rate-limiter-flexible's.
  gateway: "get set del expire pttl incrby multi exec discard eval evalsha",
};

/** The commands that ioredis sends at its connect: a ping, its name, and whether the server has loaded its data. */
const greeting = ["ping", "quit", "info", "client|setname"];

/** A line of Redis' configuration. Its keys begin with its name and a colon; nothing uses channels. */
export function redisUserLine({ name, password }: StoreUser, serverVersion: string): string {
  const allowed = [...greeting, ...setInfoOf(serverVersion), ...(commands[name]?.split(" ") ?? [])];
  return [
    `user ${name} reset on ${redisHash(password)} ~${name}:* resetchannels -@all`,
    ...allowed.map((one) => `+${one}`),
  ].join(" ");
}

/** The hash of a password, so that the configuration holds no password. */
export function redisHash(password: string): string {
  return `#${hash("sha256", password)}`;
}

/** Before 7.2 the server knows no CLIENT SETINFO, and refuses a rule about it. */
function setInfoOf(version: string): string[] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 7 || (major === 7 && minor >= 2) ? ["client|setinfo"] : [];
}
