"""Who may call a route. Every route names its audience in its signature or is listed as public; the app checks that.

A route asks for one of the annotations at the end of this file, such as `resident: Resident`.

The identity is settled before the body is read (see api/routing.py), so strangers can not make us parse anything.
"""

from abc import ABC, abstractmethod
from typing import Annotated, Final, cast

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from api import tokens
from api.errors import ForbiddenError, NotAuthenticatedError
from api.partner_keys import partner_of
from api.principals import PartnerPrincipal, Principal, ResidentPrincipal, StaffPrincipal
from points.programmes.access import Role, Scope

_PRINCIPAL: Final = "tanhui.principal"
_KEY_START: Final = "tanhui_"
_IMPORT_SCOPES: Final = frozenset(
    {Scope.PRODUCTS_WRITE, Scope.FOOTPRINTS_WRITE, Scope.CERTIFICATES_WRITE, Scope.SALES_WRITE}
)


class Audience(SecurityBase, ABC):
    """One kind of identity; as a dependency it yields the principal."""

    async def __call__(self, request: Request) -> Principal:
        """Return who is asking.

        Raises:
            NotAuthenticatedError: when the request carries no valid token or key.
            ForbiddenError: when it carries one of the wrong kind, role or scope.
        """
        if (settled := request.scope.get(_PRINCIPAL)) is not None:
            return cast("Principal", settled)
        principal = await _identify(request)
        self.admit(principal)
        request.scope[_PRINCIPAL] = principal
        return principal

    @abstractmethod
    def admit(self, principal: Principal) -> None:
        """Raise ForbiddenError unless `principal` belongs to this audience."""


class ResidentAudience(Audience):
    """Residents, by their token."""

    scheme_name = "resident"
    model = HTTPBearer(description="A token from `POST /v1/residents/tokens`.", bearerFormat="JWT")

    def admit(self, principal: Principal) -> None:
        """Let residents in."""
        if not isinstance(principal, ResidentPrincipal):
            raise ForbiddenError("This is for residents; send a token from /v1/residents/tokens.")


class PartnerAudience(Audience):
    """Retailers, makers and certifiers whose key has one of some scopes."""

    scheme_name = "partner"
    model = HTTPBearer(description="An API key: `tanhui_<prefix>_<secret>`.", bearerFormat="API key")

    def __init__(self, *scopes: Scope) -> None:
        self.scopes = scopes

    def admit(self, principal: Principal) -> None:
        """Let partners with one of the scopes in."""
        if not isinstance(principal, PartnerPrincipal):
            raise ForbiddenError("This is for partners; send an API key.")
        if principal.scopes.isdisjoint(self.scopes):
            wanted = " or ".join(self.scopes)
            raise ForbiddenError(f"This key lacks the scope {wanted}; ask the programme for a key that has it.")


class StaffAudience(Audience):
    """Staff in one of some roles."""

    scheme_name = "staff"
    model = HTTPBearer(description="A token from `POST /v1/staff/tokens`.", bearerFormat="JWT")

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles or Role)

    def admit(self, principal: Principal) -> None:
        """Let staff in these roles in."""
        if not isinstance(principal, StaffPrincipal):
            raise ForbiddenError("This is for the programme's staff; send a token from /v1/staff/tokens.")
        if principal.role not in self.roles:
            raise ForbiddenError(
                f"This takes the role {' or '.join(sorted(self.roles))}, and yours is {principal.role}."
            )


class ImportAudience(Audience):
    """Those who hand in tables: partners with a scope for what is in them, and operators."""

    scheme_name = "import"
    model = HTTPBearer(description="A partner's API key, or a token of an operator.")

    def admit(self, principal: Principal) -> None:
        """Let partners with some scope for tables in, and operators."""
        match principal:
            case PartnerPrincipal(scopes=scopes) if scopes & _IMPORT_SCOPES:
                return
            case StaffPrincipal(role=Role.OPERATOR | Role.ADMINISTRATOR):
                return
            case PartnerPrincipal():
                raise ForbiddenError(
                    f"This key lacks the scopes; one of {', '.join(sorted(_IMPORT_SCOPES))} is needed."
                )
        raise ForbiddenError("This is for partners and operators.")


class EditAudience(Audience):
    """Those who change products: partners that may register them, and operators."""

    scheme_name = "edit"
    model = HTTPBearer(description="A partner's API key, or a token of an operator.")

    def admit(self, principal: Principal) -> None:
        """Let partners that may register products in, and operators."""
        match principal:
            case PartnerPrincipal(scopes=scopes) if Scope.PRODUCTS_WRITE in scopes:
                return
            case StaffPrincipal(role=Role.OPERATOR | Role.ADMINISTRATOR):
                return
            case PartnerPrincipal():
                raise ForbiddenError(f"This key lacks the scope {Scope.PRODUCTS_WRITE}.")
        raise ForbiddenError("This is for partners that register products, and for operators.")


async def _identify(request: Request) -> Principal:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credentials:
        raise NotAuthenticatedError
    if credentials.startswith(_KEY_START):
        return await partner_of(credentials)
    return tokens.read(credentials)


Resident = Annotated[ResidentPrincipal, Depends(ResidentAudience())]
SalesPartner = Annotated[PartnerPrincipal, Depends(PartnerAudience(Scope.SALES_WRITE))]
ProductsPartner = Annotated[PartnerPrincipal, Depends(PartnerAudience(Scope.PRODUCTS_WRITE))]
FootprintsPartner = Annotated[PartnerPrincipal, Depends(PartnerAudience(Scope.FOOTPRINTS_WRITE))]
CertificatesPartner = Annotated[PartnerPrincipal, Depends(PartnerAudience(Scope.CERTIFICATES_WRITE))]
Editor = Annotated[PartnerPrincipal | StaffPrincipal, Depends(EditAudience())]
ApplicationsPartner = Annotated[
    PartnerPrincipal, Depends(PartnerAudience(Scope.PRODUCTS_WRITE, Scope.CERTIFICATES_WRITE))
]
UnitsPartner = Annotated[PartnerPrincipal, Depends(PartnerAudience(Scope.UNITS_WRITE))]
Importing = Annotated[PartnerPrincipal | StaffPrincipal, Depends(ImportAudience())]
Staff = Annotated[StaffPrincipal, Depends(StaffAudience())]
Operator = Annotated[StaffPrincipal, Depends(StaffAudience(Role.OPERATOR, Role.ADMINISTRATOR))]
