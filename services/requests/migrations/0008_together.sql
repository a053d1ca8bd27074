-- Letters that go together are one statement, which is a transaction by itself. This is how it refuses to be one:
-- nothing of it stays, and the caller reads why.

create function abandon(why jsonb) returns boolean language plpgsql as $$
begin
    raise exception 'abandoned' using detail = why::text;
end
$$;
