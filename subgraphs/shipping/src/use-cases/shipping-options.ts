import type { PostalAddress } from "@shop/events";
import { badInput, codedError, requireUser, type Identity } from "@shop/service";
import { readAddress, shippingOfferId, type Money } from "@shop/values";
import type { Deps } from "../deps.ts";
import { priceOptions, tariffs } from "../domain/index.ts";

/** A reference to a cart, with the fields that its options are priced by. */
export type WeighedCart = { id: string; weightGrams: number; subtotal: Money };

type Destination = { address?: object | null | undefined; addressId?: string | null | undefined };

/** The options of a cart for an address, or for the caller's own address by its id. Throws a coded error without either. */
export async function shippingOptions(
  deps: Pick<Deps, "bus">,
  { id: cartId, weightGrams, subtotal }: WeighedCart,
  destination: Destination,
  identity: Identity,
) {
  const address = await resolveAddress(deps, destination, identity);
  return waysTo(address.country, { weightGrams, subtotal }).map((way) => ({
    ...way,
    id: shippingOfferId(way.code, cartId, address),
  }));
}

/** The ways to a country, before there is an address. Throws a coded error for a country or postal code that can't be. */
export function shippingEstimate(
  cart: Pick<WeighedCart, "weightGrams" | "subtotal">,
  { country, postalCode }: { country: string; postalCode?: string | null | undefined },
) {
  const { errors } = readAddress({ country, postalCode });
  // What else an address has may still be missing here.
  const asked = errors.find(({ field }) => field === "country" || (field === "postalCode" && postalCode));
  if (asked) throw badInput(asked.message, [asked.field]);
  return waysTo(country, cart);
}

function waysTo(country: string, { weightGrams, subtotal }: Pick<WeighedCart, "weightGrams" | "subtotal">) {
  const { currency } = subtotal;
  if (!Object.hasOwn(tariffs, currency)) {
    throw codedError(
      "CURRENCY_NOT_SUPPORTED",
      `Nothing is shipped at prices in ${currency}: begin a cart in another.`,
    );
  }
  const options = priceOptions({ weightGrams, currency, country }, new Date());
  return options.map(({ id: code, ...option }) => ({
    ...option,
    code,
    estimatedDelivery: new Date(option.estimatedDelivery),
  }));
}

async function resolveAddress(
  { bus }: Pick<Deps, "bus">,
  { address, addressId }: Destination,
  identity: Identity,
): Promise<PostalAddress> {
  if (address) {
    const { address: read, errors } = readAddress(address);
    if (read) return read;
    const [first] = errors;
    const message = `This address can't be used: ${first?.message ?? "it is not complete."}`;
    throw badInput(message, ["address", ...(first ? [first.field] : [])]);
  }
  if (!addressId) throw badInput("Give an `address`, or the `addressId` of one of yours.", ["address"]);
  requireUser({ identity });
  const { address: own } = await bus.request("account.contact", { addressId }, identity);
  if (!own) throw badInput("You have no address with this id.", ["addressId"]);
  return own;
}
