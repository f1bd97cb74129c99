import type { IncomingMessage } from "node:http";

/**
 * The client's address: the socket's, or with `trustedProxies` in front, the one that the outermost of these wrote.
 * IPv6 is cut to its /64, which is what one customer has.
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
  // Some proxies write the port as well: each connection has another.
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

/** Whether the asker sits on this machine, without a proxy between. */
export function isFromThisMachine(request: IncomingMessage): boolean {
  if (request.headers["x-forwarded-for"] !== undefined) return false;
  return /^(127\.|::1$|::ffff:127\.)/i.test(request.socket.remoteAddress ?? "");
}

/** Whether the asker sits on this machine or in this network, without a proxy between. */
export function isFromInside(request: IncomingMessage): boolean {
  if (request.headers["x-forwarded-for"] !== undefined) return false;
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/i, "");
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:)/i.test(address);
}
