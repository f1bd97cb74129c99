/** Sends an operation of schema/operations by its name, signed in by the token, and gives its data. */
// oxlint-disable-next-line typescript/no-explicit-any -- a front-end has types of its own for this
type Send = (operation: string, variables: object, accessToken?: string) => Promise<any>;

export type SignedIn = { accessToken: string; cartId: string | undefined };

/** Logs a guest in and takes the guest's cart along. */
export async function logInWithCart(
  send: Send,
  { email, password, guestCartId }: { email: string; password: string; guestCartId: string | undefined },
): Promise<SignedIn> {
  const { logIn } = await send("log-in", { input: { email, password } });
  if (!logIn.session) throw new Error(logIn.userErrors[0].message);
  const { accessToken } = logIn.session;
  if (guestCartId === undefined) return { accessToken, cartId: undefined };
  // The same key again, after an answer that was lost, gives the same cart.
  const input = { cartId: guestCartId, strategy: "SUM", idempotencyKey: `claim-${guestCartId}` };
  const { cartClaim } = await send("cart-claim", input, accessToken);
  return { accessToken, cartId: cartClaim.cart?.id };
}
