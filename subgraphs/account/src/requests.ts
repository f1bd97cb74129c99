import { requireUser, type RequestHandlers } from "@shop/service";
import type { Deps } from "./deps.ts";

/** The requests of other services that account answers. */
export function requestHandlers({ store }: Pick<Deps, "store">): RequestHandlers {
  return {
    /** The calling customer's own e-mail and, by its id, an entry of their address book; another user's entry reads as null. */
    async "account.contact"({ addressId }, identity) {
      const user = await store.findUser(requireUser({ identity }).userId);
      if (!user) throw new Error("the calling customer has no account");
      const found = user.addresses.find((address) => address.id === addressId);
      if (!found) return { email: user.email, address: null };
      const { id: _, isDefault: __, ...address } = found;
      return { email: user.email, address };
    },
  };
}
