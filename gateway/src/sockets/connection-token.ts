/** How a client says in connection_init who it is: `authorization` as a header would have it, or what is wrong with its way. */
export type ConnectionToken = { authorization?: string } | { misnamed: string };

const accepted = new Set(["authorization", "accesstoken"]);
/** Names under which clients of other shops send tokens. Taken for a guest, such a client would wait for events in vain. */
const likeToken = /token|auth|jwt|bearer|session|password|credential/i;

/**
 * Reads the token of a connection_init: `{ authorization: "Bearer …" }`, as named by a header in any case, `{ accessToken }` as
 * `logIn` gives it, or either of them in `{ headers: … }`. Nothing, null and an empty text are a guest's.
 */
export function connectionToken(params: unknown): ConnectionToken {
  if (typeof params !== "object" || params === null) return {};
  let misnamed: string | undefined;
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === "") continue;
    const plain = name.toLowerCase();
    if (!accepted.has(plain)) {
      if (likeToken.test(name)) misnamed ??= name;
      continue;
    }
    // Any other value was meant to sign in, so it is refused as an invalid token.
    if (typeof value !== "string") return { authorization: "no text" };
    return { authorization: plain === "accesstoken" && !/\s/.test(value) ? `Bearer ${value}` : value };
  }
  if (misnamed !== undefined) return { misnamed };
  return "headers" in params ? connectionToken(params.headers) : {};
}
