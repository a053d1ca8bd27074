"""Who may read the routes of dispatch, and how far."""

from typing import Annotated

from fastapi import Depends, Query

from shared.security.auth import Identity, Role, allow, found, overlap

READERS = (Role.OPERATOR, Role.DISPATCHER, Role.OFFICER, Role.PRINT_OPERATOR, Role.OPS)
Reader = Annotated[Identity, Depends(allow(*READERS, scope=overlap("office"), cookie=True))]
"""Who may read the lists of an office."""
CaseReader = Annotated[Identity, Depends(allow(*READERS, scope=found("case_id"), cookie=True))]
Limit = Annotated[int, Query(ge=1, le=1000)]
