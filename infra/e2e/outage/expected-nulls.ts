import type { ExpectedNulls } from "./pages.ts";

/** What is null on each page while a service is away; a page that a service has no part in is not named under it. */
export const expectedNulls: Record<string, ExpectedNulls> = {
  search: { search: [{ path: ["search"], cut: (data) => (data.search = null) }] },
  inventory: {
    product: [
      {
        path: ["product", "variants"],
        cut: (data) => data.product.variants.forEach((one: Variant) => (one.availability = null)),
      },
    ],
    cart: [
      {
        path: ["cart", "lines"],
        cut: (data) =>
          data.cart.lines.forEach((line: Line) => line.variant && (line.variant.availability = null)),
      },
    ],
  },
  payment: { order: [{ path: ["order", "payment"], cut: (data) => (data.order.payment = null) }] },
  shipping: {
    cart: [{ path: ["cart", "shippingOptions"], cut: (data) => (data.cart.shippingOptions = null) }],
    order: [{ path: ["order", "shipments"], cut: (data) => (data.order.shipments = null) }],
  },
  cart: { cart: [{ path: ["cart"], cut: (data) => (data.cart = null) }] },
  order: { order: [{ path: ["order"], cut: (data) => (data.order = null) }] },
  catalog: {
    product: [{ path: ["product"], cut: (data) => (data.product = null) }],
    search: [
      {
        path: ["search", "edges"],
        cut: (data) => data.search.edges.forEach((edge: { node: unknown }) => (edge.node = null)),
      },
    ],
    cart: [
      {
        path: ["cart", "lines"],
        cut: (data) => data.cart.lines.forEach((line: Line) => (line.variant = null)),
      },
    ],
    order: [
      {
        path: ["order", "lines"],
        cut: (data) => data.order.lines.forEach((line: Line) => (line.variant = null)),
      },
    ],
  },
  account: {},
};

type Variant = { availability: unknown };
type Line = { variant: Variant | null };
