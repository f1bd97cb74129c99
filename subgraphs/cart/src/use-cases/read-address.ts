import type { PostalAddress } from "@shop/events";
import { badInput, requireUser, type Context } from "@shop/service";
import { readAddress as readAddressOf } from "@shop/values";
import type { Deps } from "../deps.ts";
import type { CartQuoteArgs } from "../generated/resolvers.ts";

/** The address of a quote: the one in the arguments, or an entry of the signed-in customer's address book. */
export async function readAddress(
  { bus }: Pick<Deps, "bus">,
  args: Pick<CartQuoteArgs, "address" | "addressId">,
  context: Context,
): Promise<PostalAddress> {
  if (Boolean(args.address) === Boolean(args.addressId)) {
    throw badInput("Give either `address` or `addressId`.", ["address"]);
  }
  if (args.addressId) {
    requireUser(context);
    const input = { addressId: args.addressId };
    const { address } = await bus.request("account.contact", input, context.identity);
    if (!address) throw badInput("There is no such address.", ["addressId"]);
    return address;
  }
  const { address, errors } = readAddressOf(args.address ?? {});
  if (address) return address;
  const [first] = errors;
  throw badInput(`This address can't be used: ${first?.message ?? "it is not complete."}`, [
    "address",
    ...(first ? [first.field] : []),
  ]);
}
