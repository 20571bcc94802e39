"""What can go wrong in the registry. Each class has its row in api/problems.py; the docstring is the message."""


class LabelsError(Exception):
    """Something about labels could not be done."""

    def __init__(self, detail: str | None = None, **context: object) -> None:
        super().__init__(detail or self.__doc__)
        self.context = context


class InvalidCodeError(LabelsError):
    """This is not a product code that can carry a label; `reason` says why."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail, reason=reason)
        self.reason = reason


class UnknownProductError(LabelsError):
    """No product is registered under this GTIN."""


class InvalidRecordError(LabelsError):
    """A value can not be registered; the detail names the field and what it must be."""


class DuplicateRecordError(LabelsError):
    """This is registered already, with other values."""
