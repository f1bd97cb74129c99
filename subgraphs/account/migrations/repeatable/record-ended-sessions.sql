-- Records ended sessions in the transaction that ends them: a trigger, so that no way of ending a session can omit it. An expired
-- session has had no access token for weeks.
create or replace function record_ended_sessions() returns trigger language plpgsql as $$
begin
  insert into ended_sessions (sid)
  select translate(encode(sha256(convert_to(id, 'UTF8')), 'base64'), '+/=', '-_') from deleted where expires_at > now()
  on conflict do nothing;
  -- Deletes records older than 20 minutes (access tokens live 15), except those that another transaction is deleting.
  delete from ended_sessions where sid in (
    select sid from ended_sessions where ended_at < now() - interval '20 minutes' limit 1000 for update skip locked
  );
  return null;
end $$;
create or replace trigger record_ended_sessions after delete on sessions
  referencing old table as deleted for each statement execute function record_ended_sessions();
