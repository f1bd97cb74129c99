import getPort from "get-port";

/** A free port of this machine; another process may take it before it is listened on. */
export function freePort(): Promise<number> {
  return getPort({ host: "127.0.0.1" });
}
