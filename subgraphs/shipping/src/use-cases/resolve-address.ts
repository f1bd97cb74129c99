import { addressPart, type PostalAddress } from "@shop/events";
import { badInput, requireUser, type Identity } from "@shop/service";
import type { Deps } from "../deps.ts";
import type { CartShippingOptionsArgs } from "../generated/resolvers.ts";

/** The address of the arguments, or the caller's own address by its id. Throws a coded error without either. */
export async function resolveAddress(
  { bus }: Pick<Deps, "bus">,
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
