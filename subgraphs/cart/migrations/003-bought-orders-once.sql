-- Order may say OrderConfirmed again under another id: each order is heard of once, whoever's the cart is.
-- taken_out_at is null where a task does it, until it has done it in a customer's cart.
alter table bought_orders alter column taken_out_at drop not null, alter column taken_out_at drop default;
