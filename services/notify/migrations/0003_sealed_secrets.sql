-- What signs a subscriber's webhooks, sealed under the service's own key; bound to the subscription. `secret` holds
-- what version 0.1.0 wrote in the clear, for a day: until then its processes may still run beside the new ones.
alter table subscription add column sealed_secret bytea;
-- The first answer to a subscription, kept for its repeats, held the secret too.
update command set answer = (answer::jsonb - 'secret')::text where answer like '%"secret"%';
