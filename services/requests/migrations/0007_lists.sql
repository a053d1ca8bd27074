-- Lists of a large office: what needs documents, what its letter is not accepted yet, and a letter by its number.

create index case_file_lacking on case_file (request_id) where stage = 'filed' and missing <> '{}';
create index request_waiting on request (id) where stage = 'filed';
create index request_by_letter on request (letter_number text_pattern_ops);
