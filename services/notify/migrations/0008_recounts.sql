-- Each count that put an earlier one of the same shipment right, as the office told it: `difference` cards more than
-- was told before, below zero fewer.
create table recount (
    shipment_id uuid        not null,
    office      text        not null,
    revision    bigint      not null,
    quantity    integer     not null,
    expected    integer     not null,
    difference  integer     not null,
    at          timestamptz not null,
    primary key (shipment_id, revision)
);
