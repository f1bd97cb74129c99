import { hasRole, type Identity } from "@shop/service/identity";

/** Who is asking, as far as the access token tells. One object per token, so that it can key caches. */
export type Caller = Identity;

/** `refusal` says why a token that came along was not believed; such a visitor counts as a guest. */
export interface Visitor {
  caller: Caller;
  /** When the token that made this caller ends; guests have none. */
  expiresAt?: number;
  refusal?: "TOKEN_EXPIRED" | "TOKEN_INVALID" | "SESSION_ENDED";
}

export const guest: Caller = { kind: "guest" };

export function isStaff(caller: Caller): boolean {
  return hasRole(caller, "STAFF");
}
