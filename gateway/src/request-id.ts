import { randomUUID } from "node:crypto";
import { safeRequestId } from "@shop/service/request-id";

/** The request's id: the client's own where it is short and safe, else a fresh UUID. */
export function requestIdOf(given?: unknown): string {
  return safeRequestId(given) ?? randomUUID();
}
