"""The columns of letters and of their cases, as they are read."""

REQUEST = (
    "id, office, kelurahan, kind, letter_number, letter_date, stage, filed_at, accepted_at, closed_at, reason,"
    " due_at, received_at, filed_by, consent, place, place_name, headcount, preferred_days, on_holidays,"
    " usual_service"
)
CASE = (
    "id, request_id, place, office, kelurahan, service, minutes, team_size, skills, urgency, print_on_hold,"
    " letter_stage, closed_at, reason, step_stage, step_sequence, due_at, stage, tracking, told, accepted_at,"
    " added_at, documents, missing, family_card, line"
)
