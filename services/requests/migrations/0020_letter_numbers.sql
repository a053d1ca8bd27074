-- Whether a kelurahan has used a letter number before: asked at every filing.

create index request_by_number on request (kelurahan, letter_number);
