import type { Document } from "../src/answer.ts";
import { documentOf, type Shopper } from "../src/shopper.ts";
import { address, key, type ReadyCart } from "../src/shopping.ts";

const cursor = (parts: string) => Buffer.from(parts).toString("base64url");
const texts = ["", " ", "\0", "\ud800", "😀", "x".repeat(10_000), "' or 1=1 --", "\u202e\u0007", "-1", "NaN"];
const cursors = [`["\\u0000"]`, `[1e30,"x"]`, `[-1,"x"]`, `[1e400,0,0,"x"]`, `[1.5,"x"]`, "[]", "null"].map(
  cursor,
);

/** Texts that no argument takes, and cursors that no page gave. */
export const strangeTexts: readonly string[] = [...texts, ...cursors];

/** Who sends it, the document, and its variables with a strange text in them. */
type StrangeRequest = [who: Shopper, document: Document, variablesOf: (text: string) => object];

/** Every argument that takes a text, an id, a code or a cursor. */
export function strangeRequests(
  { guest, customer, staff }: Record<"guest" | "customer" | "staff", Shopper>,
  input: ReadyCart,
): StrangeRequest[] {
  const { cartId } = input;
  return [
    [guest, documentOf("product-page"), (slug) => ({ slug })],
    [guest, "query ($id: ID!) { product(id: $id) { id } }", (id) => ({ id })],
    [guest, "query ($sku: String!) { variant(sku: $sku) { id } }", (sku) => ({ sku })],
    [
      guest,
      "query ($c: CurrencyCode) { categories { products { nodes { priceRange(currency: $c) { min { amount } } } } } }",
      (c) => ({ c }),
    ],
    [
      guest,
      "query ($after: String) { categories { products(after: $after) { totalCount } } }",
      (after) => ({ after }),
    ],
    [
      guest,
      "query ($q: String, $after: String) { search(query: $q, after: $after) { totalCount } }",
      (q) => ({ q, after: q }),
    ],
    [guest, "query ($p: Decimal) { search(filters: { priceMin: $p }) { totalCount } }", (p) => ({ p })],
    [
      staff,
      "query ($q: String, $after: String) { orders(query: $q, after: $after) { totalCount } }",
      (q) => ({ q, after: q }),
    ],
    [
      staff,
      "query ($after: String) { productsInReview(after: $after) { totalCount } }",
      (after) => ({ after }),
    ],
    [guest, documentOf("cart-page"), (id) => ({ id, address: { ...address, city: id, postalCode: id } })],
    [guest, documentOf("order-page"), (id) => ({ id, token: id })],
    [guest, documentOf("log-in"), (email) => ({ input: { email, password: email } })],
    [guest, documentOf("sign-up"), (email) => ({ input: { email, password: email, name: email } })],
    [guest, documentOf("refresh-session"), (refreshToken) => ({ refreshToken })],
    [customer, documentOf("address-add"), (text) => ({ input: { ...address, name: text, country: text } })],
    [guest, documentOf("cart-create"), (idempotencyKey) => ({ input: { idempotencyKey } })],
    [
      guest,
      documentOf("cart-lines-add"),
      (sku) => ({ cartId, lines: [{ sku, quantity: 1 }], idempotencyKey: sku }),
    ],
    [guest, documentOf("cart-lines-remove"), (id) => ({ cartId, lineIds: [id] })],
    [guest, documentOf("checkout"), (text) => ({ input: { ...input, email: text, idempotencyKey: text } })],
    [
      guest,
      documentOf("checkout"),
      (id) => ({ input: { ...input, cartId: id, shippingOptionId: id, idempotencyKey: key() } }),
    ],
    [
      guest,
      documentOf("order-pay"),
      (id) => ({ orderId: id, token: id, paymentMethod: { token: id }, idempotencyKey: id }),
    ],
    [guest, documentOf("order-cancel"), (id) => ({ orderId: id, token: id, idempotencyKey: id })],
    [
      staff,
      documentOf("stock-adjust"),
      (text) => ({
        input: { sku: text, warehouseCode: text, delta: 1, reason: text, idempotencyKey: text },
      }),
    ],
    [
      staff,
      documentOf("shipment-advance"),
      (text) => ({ shipmentId: text, status: "SHIPPED", location: text, idempotencyKey: text }),
    ],
  ];
}
