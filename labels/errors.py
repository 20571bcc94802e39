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


class UnknownLinkError(LabelsError):
    """This product has no link of that type."""


class UnknownUnitError(LabelsError):
    """This is no serial number that was made for this product."""


class UnknownSeriesError(LabelsError):
    """You have no unit series with this id."""


class SeriesRevokedError(LabelsError):
    """This unit series is revoked: none of its labels may be printed any more."""


class MissingUnitKeyError(LabelsError):
    """This unit series was made under another secret key; put that key back to print or verify its labels."""


class UnknownFootprintError(LabelsError):
    """No footprint is registered under this id."""


class UnknownCertificateError(LabelsError):
    """No certificate with this number is registered, or it was not at the time asked about."""


class UnknownMarkError(LabelsError):
    """This certificate has no picture of its mark that may be shown today."""


class UnknownApplicationError(LabelsError):
    """You have no application with this id."""


class UnknownCategoryError(LabelsError):
    """No category is registered under this id."""


class UnknownFactorError(LabelsError):
    """No such emission factor is registered, or none holds there on that day."""


class UnknownBaselineError(LabelsError):
    """No baseline is registered under this id."""


class UnknownDraftError(LabelsError):
    """There is no draft of baselines with this id."""


class AlreadyDecidedError(LabelsError):
    """This was decided before, and the decision stands; the detail says which it was."""


class NoLabelError(LabelsError):
    """This product may not carry a label today; the detail says why."""


class InvalidRecordError(LabelsError):
    """A value can not be registered; the detail names the field and what it must be."""


class DuplicateRecordError(LabelsError):
    """This is registered already, with other values."""


class UnreadableTableError(LabelsError):
    """This file can not be read as a table: send CSV in UTF-8 or XLSX, with a header."""


class UnknownImportError(LabelsError):
    """You have no import with this id."""


class TooManyImportsError(LabelsError):
    """Too many of your imports are still under way; wait until one of them has ended."""


class ImportEndedError(LabelsError):
    """This import has ended already; what it did stands."""


class ImportCancelledError(LabelsError):
    """This import was ended while a part of it was being taken; nothing of that part stands."""
