import { staff } from "@shop/testkit";
import { expect } from "vitest";
import { usd, type openCatalogShop } from "./fixtures.ts";

const payload =
  "product { id version slug status title variants { id sku } } userErrors { code field message }";

/** The input of a product with one variant, or with what is given. */
export const input = (sku: string, over: object = {}) => ({
  ...{ title: "Kettle", description: "Boils", categorySlug: "pots" },
  variants: [{ sku, price: usd("30") }],
  ...over,
});

/** What staff does with products, and how they are found. The shop has a category "pots". */
export function staffOf({ shop }: Pick<Awaited<ReturnType<typeof openCatalogShop>>, "shop">) {
  const ask = async (document: string, variables: object = {}) => {
    const { data, errors } = await shop.graphql(document, variables as Record<string, unknown>, staff);
    expect(errors).toBeUndefined();
    return data?.["it"];
  };
  const act = (name: string, id: string, version: number | null = null) =>
    ask(`mutation ($id: ID!, $version: Int) { it: ${name}(id: $id, version: $version) { ${payload} } }`, {
      id,
      version,
    });
  return {
    ask,
    act,
    create: (sku: string, over: object = {}) =>
      ask(`mutation ($input: ProductInput!) { it: productCreate(input: $input) { ${payload} } }`, {
        input: input(sku, over),
      }),
    update: (id: string, given: object, version: number | null = null) =>
      ask(
        `mutation ($id: ID!, $input: ProductInput!, $version: Int) {
          it: productUpdate(id: $id, input: $input, version: $version) { ${payload} } }`,
        { id, input: given, version },
      ),
    rename: (id: string, slug: string, version: number | null = null) =>
      ask(
        `mutation ($id: ID!, $slug: String!, $version: Int) {
          it: productRename(id: $id, slug: $slug, version: $version) { ${payload} } }`,
        { id, slug, version },
      ),
    remove: (id: string) =>
      ask(`mutation ($id: ID!) { it: productDelete(id: $id) { deletedId userErrors { code } } }`, { id }),
    bySlug: (slug: string) =>
      ask(`query ($slug: String!) { it: product(slug: $slug) { id slug } }`, { slug }),
    bySku: (sku: string) =>
      ask(`query ($sku: String!) { it: variant(sku: $sku) { id sku product { id } } }`, { sku }),
    byVariant: (id: string) =>
      ask(`query ($id: ID!) { it: variant(id: $id) { sku product { id } } }`, { id }),
    async publish(id: string) {
      await act("productSubmit", id);
      await act("productApprove", id);
    },
  };
}
