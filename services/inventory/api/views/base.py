"""The base of what the routes of inventory return."""

from pydantic import BaseModel, ConfigDict


class InventoryView(BaseModel):
    """Made from the fields of a dataclass of the domain or the store; an alias says where a field stands there."""

    model_config = ConfigDict(from_attributes=True, frozen=True, validate_by_name=True, validate_by_alias=True)
