import type { IncomingMessage } from "node:http";

/**
 * The client's address: the socket's, or with `trustedProxies` in front, the one that the outermost of them wrote. IPv6 is
 * cut to its /64, since one customer has all of it.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const socketAddress = request.socket.remoteAddress ?? "unknown";
  if (trustedProxies === 0) return networkOf(socketAddress);
  const header = request.headers["x-forwarded-for"];
  const forwarded = (Array.isArray(header) ? header.join(",") : (header ?? ""))
    .split(",")
    .map((part) => part.trim());
  return networkOf(forwarded.at(-trustedProxies) || socketAddress);
}

function networkOf(given: string): string {
  // Some proxies write the port too, which differs for each connection.
  const address = given.replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1").replace(/^\[(.*)\](?::\d+)?$/, "$1");
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4) return v4;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** Whether the request comes from this machine, not through a proxy. */
export function isFromThisMachine(request: IncomingMessage): boolean {
  if (request.headers["x-forwarded-for"] !== undefined) return false;
  return /^(127\.|::1$|::ffff:127\.)/i.test(request.socket.remoteAddress ?? "");
}

/** Whether the request comes from this machine or its private network, not through a proxy. */
export function isFromInside(request: IncomingMessage): boolean {
  if (request.headers["x-forwarded-for"] !== undefined) return false;
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/i, "");
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:)/i.test(address);
}
