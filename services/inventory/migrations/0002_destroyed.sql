-- Printed cards that are destroyed: from `printed` to `destroyed`, one movement a print. The print's own movement
-- has its print_id and serial, which are unique in the ledger; this one names the print and the cause in `reference`.

-- Before `print`: what sorts from there on takes a blank card out of a tray, and names print and serial.
alter type movement_kind add value 'destroy' before 'print';
create unique index movement_destroyed on movement (left(reference, 36)) where target like '%:destroyed';
