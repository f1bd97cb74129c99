import { addressPart, type PostalAddress } from "@shop/events";
import { badInput, requireUser, type Bus, type Identity } from "@shop/service";
import type { CartShippingOptionsArgs } from "./generated/resolvers.ts";

/** Where to send it: the address as given, else the asking customer's own by its id. Throws a coded error without either. */
export async function addressFor(
  bus: Pick<Bus, "request">,
  { address, addressId }: CartShippingOptionsArgs,
  identity: Identity,
): Promise<PostalAddress> {
  if (address) {
    const read = addressPart.safeParse(address);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const field = ["address", ...(issue?.path.map(String) ?? [])];
    throw badInput(`This address can't be used: ${issue?.message ?? "it is not complete"}.`, field);
  }
  if (!addressId) throw badInput("Give an `address`, or the `addressId` of one of yours.", ["address"]);
  requireUser({ identity });
  const { address: own } = await bus.request("account.contact", { addressId }, identity);
  if (!own) throw badInput("You have no address with this id.", ["addressId"]);
  return own;
}
