import type { Kit } from "@shop/service";
import { openSigner, type PrivateJwk } from "./access-token.ts";
import { openStore } from "./store.ts";

type Settings = { NODE_ENV: string; JWT_PRIVATE_JWK: PrivateJwk };

/** The dependencies of resolvers and use cases. */
export type Deps = Awaited<ReturnType<typeof openDeps>>;

/** Opens the store and the signer of access tokens. */
export async function openDeps({ pg, log, config }: Pick<Kit<Settings>, "pg" | "log" | "config">) {
  return {
    pg,
    log,
    store: openStore(pg),
    signer: await openSigner(config.JWT_PRIVATE_JWK),
    isProduction: /^prod(uction)?$/i.test(config.NODE_ENV),
  };
}
