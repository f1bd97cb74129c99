import type { Operation } from "@shop/values/operations";

/** The operations from search to parcel as tabs, each with example variables. */
export function explorerTabs(operations: Operation[]): { query: string; variables: string }[] {
  return story.flatMap(({ file, variables }) => {
    const operation = operations.find(({ name }) => name === file);
    return operation ? [{ query: operation.text, variables: JSON.stringify(variables, null, 2) }] : [];
  });
}

/** A placeholder: the page replaces it by a fresh UUID each time an operation runs. */
export const newKey = "{{new key}}";

const address = { name: "Ada Buyer", line1: "1 Main St", city: "Berlin", postalCode: "10115", country: "DE" };

const story: { file: string; variables: object }[] = [
  { file: "search-page", variables: { query: "lamp", first: 5 } },
  { file: "product-page", variables: { slug: "<slug from the search>" } },
  { file: "cart-create", variables: { input: { lines: [], idempotencyKey: newKey } } },
  {
    file: "cart-lines-add",
    variables: {
      cartId: "<id of the cart>",
      lines: [{ sku: "<sku of a variant>", quantity: 2 }],
      idempotencyKey: newKey,
    },
  },
  { file: "cart-page", variables: { id: "<id of the cart>", address } },
  {
    file: "checkout",
    variables: {
      input: {
        cartId: "<id of the cart>",
        email: "guest@example.com",
        shippingAddress: address,
        shippingOptionId: "<id of a shipping option of the cart page>",
        paymentMethod: { token: "pm_card_visa" },
        idempotencyKey: newKey,
      },
    },
  },
  {
    file: "order-updated",
    variables: { orderId: "<id of the order>", token: "<orderToken of the checkout>" },
  },
  {
    file: "order-page",
    variables: { id: "<id of the order>", token: "<orderToken of the checkout>" },
  },
  {
    file: "log-in",
    variables: { input: { email: "customer@shop.test", password: "demo-password-1" } },
  },
  { file: "me-page", variables: {} },
];
