"""A secret of the configuration: a reference in the file, resolved once, shown nowhere.

``repr``, ``str`` and ``model_dump`` of a Secret show where it comes from, never what it is.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationInfo

from config.wording import named, secretive, wrong

LONGEST: Final = 16_384
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


class Secret(BaseModel):
    """``{env: NAME}`` or ``{file: PATH}``; a relative path is taken from the configuration file's folder."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"minProperties": 1, "maxProperties": 1},
    )

    env: str | None = Field(default=None, description="Name of the environment variable that holds the secret.")
    file: str | None = Field(default=None, description="Path of the file that holds the secret and nothing else.")
    _value: str | None = PrivateAttr(default=None)

    @property
    def value(self) -> str:
        """The secret itself. Raises RuntimeError when the file was loaded without its secrets."""
        if self._value is None:
            raise RuntimeError(f"{self.origin} was not read: the configuration was loaded without its secrets")
        return self._value

    @property
    def origin(self) -> str:
        return f"the environment variable {self.env}" if self.env else f"the file {named(self.file or '')}"

    def resolve(self, environ: Mapping[str, str], folder: Path) -> tuple[str, str] | None:
        """Reads the secret; a message and its remedy when that cannot be done."""
        text = environ.get(self.env) if self.env else _file_text(folder / (self.file or ""))
        if text is None:
            return (
                (f"{self.origin} is not set", f"export {self.env}=… before syncd starts")
                if self.env
                else (
                    f"{self.origin} cannot be read",
                    "make a readable file there that holds the secret and nothing else",
                )
            )
        text = text.strip()
        if not text:
            return f"{self.origin} is empty", "put the secret into it"
        if len(text) > LONGEST or not (text.isascii() and text.isprintable()):
            return f"{self.origin} holds no secret: more than one line, odd characters, or too long", "put it in alone"
        self._value = text
        return None


def _file_text(path: Path) -> str | None:
    try:
        with path.open("rb") as opened:
            return opened.read(LONGEST * 2).decode()
    except (OSError, ValueError):  # ValueError: not UTF-8, or a path with a null in it
        return None


def reference(noun: str, variable: str) -> BeforeValidator:
    """Lets only a reference through. ``variable`` is a fitting environment variable for the remedy."""
    return BeforeValidator(lambda given: referred(given, noun, variable))


def _token(given: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - anything may stand in the file
    kind = info.data.get("kind")
    return referred(given, "token", "LINEAR_TOKEN" if kind == "linear" else "JIRA_TOKEN")


def referred(given: Any, noun: str, variable: str) -> Any:  # noqa: ANN401 - anything may stand in the file
    """The reference as it stands. Raises the error of a validator, which shows nothing of what stands there."""
    if isinstance(given, Secret):
        return given
    remedy = f"write {{env: {variable}}} or {{file: /run/secrets/…}}"
    if isinstance(given, str):
        raise wrong(
            f"the {noun} stands in the file", f"put it in an environment variable and write {{env: {variable}}}"
        )
    if not isinstance(given, dict) or len(given) != 1 or not {"env", "file"} & given.keys():
        raise wrong(f"this is no reference to a {noun}", remedy)
    ((kind, where),) = given.items()
    if not isinstance(where, str) or not where or len(where) > LONGEST or "\0" in where:
        raise wrong(f"the {kind} of this {noun} names nothing", remedy)
    if kind == "env" and (secretive(where) or not _VARIABLE.fullmatch(where)):
        raise wrong(f"env wants the name of a variable, not the {noun} itself", remedy)
    return given


TokenRef = Annotated[Secret, BeforeValidator(_token)]
HookSecretRef = Annotated[Secret, reference("secret", "SYNCD_HOOK_SECRET")]
HttpTokenRef = Annotated[Secret, reference("token", "SYNCD_HTTP_TOKEN")]
NoticeRef = Annotated[Secret, reference("address", "SYNCD_SLACK_URL")]
