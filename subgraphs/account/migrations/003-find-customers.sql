-- The words by which staff find a customer, as searchWords of schema/values has them: name, e-mail, and of each address its name,
-- postal code and telephone number. Apart from the users, so that a log-in doesn't touch its index.
create table user_search (
  user_id text primary key references users on delete cascade,
  words text not null
);
insert into user_search (user_id, words)
select id, ' ' || left(concat_ws(' ', regexp_replace(normalize(lower(name), NFKD), U&'[\0300-\036F''\2019\2018\02BC]', '', 'g'),
  email, (
    select string_agg(concat_ws(' ', regexp_replace(normalize(lower(each ->> 'name'), NFKD), U&'[\0300-\036F]', '', 'g'),
      lower(each ->> 'postalCode'), regexp_replace(lower(each ->> 'postalCode'), '[^a-z0-9]', '', 'g'),
      regexp_replace(each ->> 'phone', '[^0-9]', '', 'g')), ' ')
    from jsonb_array_elements(addresses) each)), 10000) || ' '
from users;

-- Without pg_trgm (a Postgres without contrib, or a role that may not create it) staff's search reads the whole table.
do $$
begin
  create extension if not exists pg_trgm;
  execute 'create index user_search_words on user_search using gin (words gin_trgm_ops)';
exception when others then
  raise notice 'staff search has no index: %', sqlerrm;
end
$$;
