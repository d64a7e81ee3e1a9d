"""The hub's identity reviewer, acting over the wire while a scenario is played."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

import httpx

from agencies.scenarios.run import Resolution
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonObject, list_of, object_from, text_of


class IdentityReviewer:
    """Decides which child a provisional stream is about, with a person's bearer token."""

    def __init__(self, hub: str, token: str, http: httpx.Client | None = None) -> None:
        self._hub: Final = hub.rstrip("/")
        self._http: Final = http or httpx.Client(timeout=10.0)
        self._headers: Final = {"Authorization": f"Bearer {token}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def review(self, resolution: Resolution) -> None:
        """Resolve the stream that was opened under the provisional reference.

        1. Find it in the queue by that reference; where it is not, it was decided before.
        2. Decide, naming the child by a reference too.
        Raises: AgencyError where the hub does not let this person decide.
        """
        waiting = [one for one in list_of(self._queue(), "queue") if isinstance(one, dict)]  # 1
        for one in waiting:
            if text_of(one, "reference") == resolution.provisional:
                decision = {"provisional": text_of(one, "provisional"), "child": resolution.child}  # 2
                self._check(
                    self._http.post(f"{self._hub}/v1/identity/resolve", json=decision, headers=self._headers)
                )

    def _queue(self) -> JsonObject:
        response = self._http.get(f"{self._hub}/v1/identity/queue", headers=self._headers)
        self._check(response)
        return object_from(response.content) or {}

    @staticmethod
    def _check(response: httpx.Response) -> None:
        if response.status_code != 200:
            raise AgencyError(
                f"The hub answered the identity reviewer with {response.status_code}.",
                "Use a token of a person with the role identity-reviewer.",
            )
