import { nested, text, type Params } from "./form.ts";

export function limitOf(params: Params): number {
  return Math.min(Math.max(Number(text(params, "limit") ?? 10) || 10, 1), 100);
}

export function createdRange(params: Params): { from: number; to: number } {
  const exact = text(params, "created");
  if (exact) return { from: Number(exact), to: Number(exact) };
  const range = nested(params, "created");
  const bound = (name: string) => (text(range, name) === undefined ? undefined : Number(text(range, name)));
  const [gt, gte, lt, lte] = [bound("gt"), bound("gte"), bound("lt"), bound("lte")];
  return {
    from: gte ?? (gt === undefined ? 0 : gt + 1),
    to: lte ?? (lt === undefined ? Number.MAX_SAFE_INTEGER : lt - 1),
  };
}

export function page<T>(url: string, found: T[], limit: number) {
  return { object: "list", url, has_more: found.length > limit, data: found.slice(0, limit) };
}
