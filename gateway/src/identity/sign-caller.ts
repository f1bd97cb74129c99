import { audienceKey, signIdentity } from "@shop/service/identity";
import type { Caller } from "./caller.ts";

export type SignCaller = (caller: Caller, audience: string) => string;

/** A signature is good for 60 s and is handed out for 30 s, so that it never expires on its way. */
export function callerSigner(masterKey: string): SignCaller {
  const keys = new Map<string, string>();
  const signed = new WeakMap<Caller, Map<string, Signed>>();

  return (caller, audience) => {
    let mine = signed.get(caller);
    if (!mine) signed.set(caller, (mine = new Map<string, Signed>()));
    const now = Date.now();
    const known = mine.get(audience);
    if (known && known.renewAt > now) return known.value;
    const value = signIdentity(caller, audience, keyOf(audience), now);
    mine.set(audience, { value, renewAt: now + 30_000 });
    return value;
  };

  function keyOf(audience: string): string {
    let key = keys.get(audience);
    if (!key) keys.set(audience, (key = audienceKey(masterKey, audience)));
    return key;
  }
}

interface Signed {
  value: string;
  renewAt: number;
}
