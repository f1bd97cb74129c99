import type { RequestInput, RequestReply } from "@shop/events";
import { requireUser, type Identity } from "@shop/service";
import type { Store } from "./store.ts";

/** Tells other services the asking customer's own e-mail, and an address of theirs: another's reads as none. */
export const contactOf =
  (store: Store) =>
  async (
    { addressId }: RequestInput<"account.contact">,
    identity: Identity,
  ): Promise<RequestReply<"account.contact">> => {
    const user = await store.findUser(requireUser({ identity }).userId);
    if (!user) throw new Error("the asking customer has no account");
    const found = user.addresses.find((address) => address.id === addressId);
    if (!found) return { email: user.email, address: null };
    const { id: _, isDefault: __, ...address } = found;
    return { email: user.email, address };
  };
