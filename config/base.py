"""What all models of the configuration share: strict, frozen, no unknown keys, no input in messages."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


class Strict(BaseModel):
    """A mapping of the file whose keys are all known. Unknown ones are told together, with the known ones."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def only_known_keys(cls, given: Any) -> Any:  # noqa: ANN401 - what is no mapping is refused after this
        known = list(cls.model_fields)
        unknown = [key for key in given if key not in known] if isinstance(given, dict) else []
        if unknown:
            raise PydanticCustomError("unknown", "unknown keys", {"unknown": unknown, "known": known})
        return given
