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
