import { createHash } from "node:crypto";

type MoneyInput = { amount: string; currency: string };
type AttributeInput = { name: string; value: string };

/** A product as the graph's `productsImport` takes it, with the units that each warehouse begins with. */
export type ProductRecord = {
  /** Its line in the file; not sent. */
  line?: number;
  externalId: string;
  slug: string;
  title: string;
  description: string;
  brand?: string;
  categoryPath: string[];
  attributes: AttributeInput[];
  imageUrls: string[];
  variants: {
    sku: string;
    title?: string;
    price: MoneyInput;
    compareAtPrice?: MoneyInput;
    prices?: MoneyInput[];
    attributes?: AttributeInput[];
    weightGrams?: number;
    /** Units by warehouse code; not sent to catalog. */
    units: Record<string, number>;
  }[];
};

/** A readable address of at most 120 characters that ends in the record's id, so that a product can be traced to its record. */
export function slugOf(title: string, id: string): string {
  const words = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replaceAll("ß", "ss")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const tail = /^[a-z0-9-]+$/.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 12);
  return `${words.slice(0, 119 - tail.length).replace(/-+$/, "") || "product"}-${tail}`;
}
