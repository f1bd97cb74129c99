import { hasRole, type Identity } from "@shop/service/identity";
import type { TokenRefusal } from "../errors/coded-errors.ts";

/** The identity that an access token proves, a guest without one. One object per token, so that it can key caches. */
export type Caller = Identity;

/** The result of verifying a request's access token; a caller whose token was refused counts as a guest. */
export interface Authentication {
  caller: Caller;
  /** When the caller's token expires; guests have none. */
  expiresAt?: number;
  refusal?: TokenRefusal;
}

/** The callers of one operation: a mutation that signs in or out changes who its later root fields run as. */
export interface OperationCallers {
  caller: Caller;
  /** The caller below each root field of a mutation, by the field's name in the fetched data. */
  callersByField?: Map<string, Caller>;
  /** The caller after the operation has ended its own session; an ordinary guest by default. */
  guestAfterLogOut?: Caller;
  /** The callers whom this operation has signed in so far. */
  signedIn?: Caller[];
}

export const guest: Caller = { kind: "guest" };

export function isStaff(caller: Caller): boolean {
  return hasRole(caller, "STAFF");
}
