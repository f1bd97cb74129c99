import { badRequest } from "./stripe-error.ts";

/** Form-encoded parameters as Stripe nests them: `metadata[orderId]=x`, `expand[]=y`, `created[gte]=1`. */
export type Params = { [name: string]: Param };
export type Param = string | Param[] | Params;

export function parseForm(encoded: string): Params {
  const params: Params = Object.create(null) as Params;
  for (const [name, value] of new URLSearchParams(encoded)) {
    const [head = "", ...rest] = name.replaceAll("]", "").split("[");
    put(params, [head, ...rest], value);
  }
  return params;
}

export function text(params: Params, name: string): string | undefined {
  const value = params[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function nested(params: Params, name: string): Params {
  const value = params[name];
  return typeof value === "object" && !Array.isArray(value) ? value : {};
}

function put(into: Params, path: string[], value: string): void {
  const [name = "", next, ...rest] = path;
  if (next === undefined) {
    into[name] = value;
  } else if (next === "" || /^\d+$/.test(next)) {
    const list = into[name];
    if (Array.isArray(list)) list.push(value);
    else into[name] = [value];
  } else {
    const inner = into[name];
    const target =
      typeof inner === "object" && !Array.isArray(inner) ? inner : (Object.create(null) as Params);
    into[name] = target;
    put(target, [next, ...rest], value);
  }
}

/** An amount in the smallest units; undefined where it is absent. */
export function amountOf(params: Params, name: string): number | undefined {
  const given = text(params, name);
  if (given === undefined) return undefined;
  const amount = Number(given);
  if (!/^-?\d+$/.test(given)) {
    throw badRequest("parameter_invalid_integer", `Invalid integer: ${given}`, name);
  }
  if (amount < 1) {
    throw badRequest("parameter_invalid_integer", "This value must be greater than or equal to 1.", name);
  }
  if (amount > 99_999_999) throw badRequest("amount_too_large", "Amount must be no more than 99999999", name);
  return amount;
}

export function metadataOf(params: Params): Record<string, string> {
  const entries = Object.entries(nested(params, "metadata"));
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "string" ? value : ""]));
}

/** The outcome that a test asks for. */
export function doesSucceed(params: Params): boolean {
  const outcome = text(params, "outcome");
  if (outcome === "succeed" || outcome === "fail") return outcome === "succeed";
  throw badRequest("parameter_invalid", "outcome must be succeed or fail", "outcome");
}
