import { audienceKey, clientOf, signIdentity } from "@shop/service/identity";
import { LRUCache } from "lru-cache";
import type { Caller } from "./caller.ts";

/** Signs a caller's identity for one audience; with the client's address (as a keyed hash) where one is given. */
export type SignCaller = (caller: Caller, audience: string, address?: string) => string;

/** A signature is valid for 60 s and is reused for 30 s, so that it never expires on its way. */
export function callerSigner(masterKey: string): SignCaller {
  const keys = new Map<string, string>();
  const signed = new WeakMap<Caller, Map<string, Signed>>();
  // Each write of an address needs its hash, which takes two digests to make.
  const clients = new LRUCache<string, string>({ max: 10_000 });

  return (caller, audience, address) => {
    const now = Date.now();
    if (address !== undefined) {
      return signIdentity({ ...caller, client: clientAt(address) }, audience, keyOf(audience), now);
    }
    let mine = signed.get(caller);
    if (!mine) signed.set(caller, (mine = new Map<string, Signed>()));
    const known = mine.get(audience);
    if (known && known.renewAt > now) return known.value;
    const value = signIdentity(caller, audience, keyOf(audience), now);
    mine.set(audience, { value, renewAt: now + 30_000 });
    return value;
  };

  function clientAt(address: string): string {
    let client = clients.get(address);
    if (client === undefined) clients.set(address, (client = clientOf(address, masterKey)));
    return client;
  }

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
