"""The HTTP door.

How to add a route for a noun, say `rewards`:

1. `api/schemas/rewards.py`: schemas derived from `api.schemas.Schema`, input text from `Name`, `Line` or `Code`,
   numbers from `Count`, `PositiveCount` or `Quantity`, times from `Moment`. Output schemas have no defaults.
2. `api/routes/rewards.py`: `router = api.routing.router(tag="rewards")`, which gives the prefix `/v1`, identity before
   the body, and strict JSON. The function's name is the operation id.
3. Who may call it stands in the signature: `resident: Resident`, `retailer: SalesPartner`, `operator: Operator` ...
   (all of api.audiences; a new scope or role gets its line there). One audience for each route. For anybody: put the
   name into `api.app.PUBLIC`. Without either, the app refuses to start. Programme and person come from the principal,
   never from the body.
4. `session: Session` and `now: Now` (api.dependencies) are the request's database transaction and time. The commit
   comes before the answer is sent; an exception rolls back. Use cases get both and never commit.
5. A POST that changes something has `dependencies=[ONCE]` (api.idempotency), and then does all of its work through
   `session`. One that must not hold a transaction, or goes through a batcher, takes `ticket_of(request, principal)`
   and calls `admit` and `keep` itself, as `api/routes/scans.py` does.
6. Failures are raised, never returned: the domain's own errors, or those of api.errors. A new error class gets its row
   in `api.problems.BY_EXCEPTION`, and a new kind of problem its row in `api.problem_types.CATALOGUE`.
7. Every route has a summary, a docstring, an example of its body (`openapi_extra=example({...})`) and of its answer
   (`responses=answers(201, "...", {...})`, both of api.openapi). Pages: `cursor: Cursor = None, limit: Limit = 50`
   and `next_cursor` in the answer (api.pagination).
8. One line in `api.app.ROUTERS`.
"""
