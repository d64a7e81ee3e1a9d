"""The composition root: from settings to a hub whose parts know only what they were handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.api import RateLimit, Readiness, RequestLog, Services
from hub.catalogue import Catalogue, load_catalogue
from hub.cli.keys import HubKeys, generate_keys, load_keys
from hub.cli.world import SteppedClock, SystemChance, SystemClock
from hub.directory import Directory
from hub.disclosure import Disclosure, load_purposes, load_rules
from hub.errors import HubError
from hub.identity import Identity
from hub.intake import Intake
from hub.oversight import Oversight
from hub.record import Chance, Clock, HubSigner, Record
from hub.record.projection import ProjectionRunner
from hub.settings import Mode, Settings
from hub.signin import (
    AccessTokens,
    Bearer,
    DevelopmentIssuer,
    ExternalIssuer,
    ExternalTokens,
    TokenEndpoint,
    derived_key,
)
from hub.views import ChildIndex, Views
from hub.web import SignIn, WebServices

LONGEST_LAG: Final = timedelta(seconds=10)
"""A checkpoint is due every second; ten without one and the hub says that it is not ready."""


@dataclass(frozen=True, slots=True)
class Store:
    """The record and what is folded from it alone: enough for the commands of the directory."""

    settings: Settings
    keys: HubKeys
    clock: Clock
    chance: Chance
    signer: HubSigner
    record: Record
    directory: Directory

    def close(self) -> None:
        """Commit what is queued, and let go of the file."""
        self.record.close()


@dataclass(frozen=True, slots=True)
class Hub:
    """A whole hub: the store, the projector, and the facades of the doors."""

    store: Store
    catalogue: Catalogue
    runner: ProjectionRunner
    identity: Identity
    views: Views
    intake: Intake
    disclosure: Disclosure
    oversight: Oversight
    services: Services
    pages: WebServices

    def close(self) -> None:
        """Stop the projector, then the store."""
        self.runner.close()
        self.store.close()


def initialise(settings: Settings) -> tuple[Path, ...]:
    """Make what is missing: the data directory, keys in development, the record's tables; made key files.

    Raises: HubError store.
    """
    chance = SystemChance()
    settings.data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = generate_keys(settings, chance)
    Record.migrate(settings.database_path, master_key=load_keys(settings).master, chance=chance)
    return made


def open_store(settings: Settings, chance: Chance | None = None) -> Store:
    """The record and the directory; `chance` is the system's unless a test brings its own.

    Raises: HubError store, when there is no record yet or the keys do not open it.
    """
    keys, clock = load_keys(settings), _clock(settings)
    chance = chance or SystemChance()
    signer = HubSigner(keys.signing, settings.id)
    record = Record.open(settings.database_path, master_key=keys.master, chance=chance, signer=signer)
    return Store(settings, keys, clock, chance, signer, record, Directory(record, clock))


def access_tokens(store: Store) -> AccessTokens:
    """The hub's own tokens; those of people only where the development issuer is."""
    key = derived_key(store.keys.master, "access-tokens")
    return AccessTokens(key, store.settings.id, people=_signs_in_itself(store.settings))


def development_issuer(store: Store) -> DevelopmentIssuer | None:
    """The development issuer, unless an external one is set or this is production."""
    if not _signs_in_itself(store.settings):
        return None
    return DevelopmentIssuer(
        store.directory,
        access_tokens(store),
        derived_key(store.keys.master, "development-issuer"),
        store.clock,
        store.chance,
        public_url=store.settings.base_url,
        client_id=store.settings.oidc_client_id,
    )


def open_runner(store: Store) -> ProjectionRunner:
    """The projection of the children's index, in a file beside the record; not started."""
    path = store.settings.database_path
    return ProjectionRunner(store.record, path.with_name(f"{path.stem}-views.db"), ChildIndex(store.record))


def compose(store: Store, log: RequestLog | None = None) -> Hub:
    """Put the hub together, every part from those below it; the caller starts the runner.

    1. Rules and catalogue, once, so that a wrong one stops the start and not a read.
    2. The rooms from the bottom up.
    3. The facades of the two doors.
    """
    settings, clock, chance, directory = store.settings, store.clock, store.chance, store.directory
    catalogue, rules, purposes = load_catalogue(), load_rules(), load_purposes(directory.lawful_basis)  # 1.
    runner = open_runner(store)  # 2.
    identity = Identity(store.record)
    views = Views(
        record=store.record, identity=identity, directory=directory, catalogue=catalogue, runner=runner
    )
    disclosure = Disclosure(
        record=store.record,
        views=views,
        identity=identity,
        directory=directory,
        catalogue=catalogue,
        rules=rules,
        purposes=purposes,
        profile_of=views.profile_of,
        clock=clock,
        chance=chance,
    )
    intake = Intake(
        record=store.record,
        identity=identity,
        views=views,
        directory=directory,
        catalogue=catalogue,
        signer=store.signer,
        clock=clock,
        chance=chance,
        audience=settings.id,
        policy_version=rules.version,
        note_read=disclosure.note_own_posts,
        simulated=isinstance(clock, SteppedClock),
    )
    oversight = Oversight(
        record=store.record,
        views=views,
        identity=identity,
        catalogue=catalogue,
        rules=rules,
        purposes=purposes,
        clock=clock,
        chance=chance,
    )
    tokens = access_tokens(store)  # 3.
    issuer = development_issuer(store)
    services = Services(
        clock=clock,
        chance=chance,
        bearer=Bearer(directory, tokens, clock, _external(settings, clock)),
        token_endpoint=TokenEndpoint(
            directory,
            tokens,
            store.record,
            clock,
            chance,
            audiences=(f"{settings.base_url}/oauth/token", settings.id),
        ),
        intake=intake,
        disclosure=disclosure,
        oversight=oversight,
        ledger=store.record.ledger,
        purposes=purposes.permitted,
        ready=lambda: _readiness(store, runner, disclosure),
        rate=RateLimit(settings.rate_per_second, settings.rate_burst),
        log=log or RequestLog(clock.wall),
        development_issuer=issuer,
        advance=clock.advance if isinstance(clock, SteppedClock) else None,
    )
    secret = settings.oidc_client_secret
    pages = WebServices(
        reads=disclosure,
        officer=oversight,
        principal=directory.principal_for_person,
        sign_in=SignIn(
            issuer=issuer.url if issuer else str(settings.oidc_issuer),
            client_id=settings.oidc_client_id,
            redirect_uri=f"{settings.base_url}/sign-in/callback",
            client_secret=secret.get_secret_value() if secret else None,
            person_claim=settings.oidc_person_claim,
        ),
        session_key=HKDF(SHA256(), 32, salt=None, info=b"hub/web-sessions/1").derive(store.keys.master),
        wall=clock.wall,
        random=chance.bytes,
        organisations=lambda: _titles(directory),
        types=catalogue.types,
        secure_cookie=settings.base_url.startswith("https://"),
    )
    return Hub(store, catalogue, runner, identity, views, intake, disclosure, oversight, services, pages)


def _clock(settings: Settings) -> Clock:
    if settings.mode is Mode.SIMULATION:
        return SteppedClock(settings.database_path.with_suffix(".clock"), settings.simulation_start)
    return SystemClock()


def _signs_in_itself(settings: Settings) -> bool:
    return settings.oidc_issuer is None and settings.mode is not Mode.PRODUCTION


def _external(settings: Settings, clock: Clock) -> ExternalTokens | None:
    if settings.oidc_issuer is None:
        return None
    audience = settings.oidc_audience or settings.id
    issuer = ExternalIssuer(settings.oidc_issuer, (audience,), settings.oidc_person_claim)
    return ExternalTokens(issuer, clock)


def _titles(directory: Directory) -> Mapping[str, str]:
    return {one.id: one.title for one in directory.organisations()}


def _readiness(store: Store, runner: ProjectionRunner, disclosure: Disclosure) -> Readiness:
    """What cannot do its work now; a store that is gone hides the rest."""
    try:
        store.record.head()
        lag = store.record.ledger.lag(store.clock.wall())
        parked = runner.parked()
    except HubError:
        return Readiness(("store",))
    failing = []
    if lag > LONGEST_LAG:
        failing.append("ledger")
    if runner.fault is not None or parked:
        failing.append("projection")
    if disclosure.faults:
        failing.append("policy")
    return Readiness(tuple(failing))
