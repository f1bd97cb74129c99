-- Sessions that ended while access tokens of theirs may still be good. The gateways read them and refuse those tokens.
create table ended_sessions (
  -- What access tokens call the session: a digest of its id, since the id itself could end the session.
  sid text primary key,
  ended_at timestamptz not null default clock_timestamp()
);
create index ended_sessions_by_time on ended_sessions (ended_at);

-- By a trigger, so that no way of ending a session can leave it out, in the transaction that ends it. A session that
-- expired has had no access token for weeks.
create function note_ended_sessions() returns trigger language plpgsql as $$
begin
  insert into ended_sessions (sid)
  select translate(encode(sha256(convert_to(id, 'UTF8')), 'base64'), '+/=', '-_') from gone where expires_at > now()
  on conflict do nothing;
  -- Access tokens live 15 minutes. What another transaction is deleting as well is left to that.
  delete from ended_sessions where sid in (
    select sid from ended_sessions where ended_at < now() - interval '20 minutes' limit 1000 for update skip locked
  );
  return null;
end $$;
create trigger note_ended_sessions after delete on sessions
  referencing old table as gone for each statement execute function note_ended_sessions();
