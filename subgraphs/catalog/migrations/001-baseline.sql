-- The tree of categories. Nothing renames or moves a category, so `path` (ids from the root to itself) never changes.
create table categories (
  id text primary key,
  slug text not null unique,
  name text not null,
  parent_id text references categories,
  path text[] not null
);
create index categories_parent on categories (parent_id);
create unique index categories_sibling on categories (coalesce(parent_id, ''), name);

-- A product with its variants and prices in one row, so that a page costs one look-up.
create table products (
  id text primary key,
  version int not null,
  status text not null check (status in ('DRAFT', 'IN_REVIEW', 'PUBLISHED', 'REJECTED', 'ARCHIVED')),
  slug text not null unique,
  title text not null,
  description text not null,
  brand text,
  category_id text not null references categories,
  attributes jsonb not null,
  image_urls jsonb not null,
  variants jsonb not null,
  external_id text unique,
  import_hash text,
  rejection_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  submitted_at timestamptz,
  published_at timestamptz
);
create index products_shelf on products (category_id, published_at desc, id desc) where status = 'PUBLISHED';
create index products_newest on products (published_at desc, id desc) where status = 'PUBLISHED';
create index products_in_review on products (submitted_at, id) where status = 'IN_REVIEW';

-- The product of each SKU; a SKU never moves to another product.
create table skus (
  sku text primary key,
  variant_id text not null unique,
  product_id text not null references products
);
create index skus_product on skus (product_id);

-- Projection of inventory's StockChanged, behind `Product.inStock`.
create table stock (
  sku text primary key,
  product_id text not null,
  available int not null,
  version bigint not null
);
create index stock_product on stock (product_id);
