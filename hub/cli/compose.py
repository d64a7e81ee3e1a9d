"""The composition root: from settings to a hub whose parts know only what they were handed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.api import RateLimit, RequestLog, Services
from hub.catalogue import Catalogue
from hub.cli.keys import HubKeys, generate_keys, load_keys
from hub.cli.readiness import probes
from hub.cli.signing import refuse_other_key, signer_of
from hub.cli.world import SharedClock, SteppedClock, SystemChance, SystemClock
from hub.directory import Directory
from hub.disclosure import Disclosure, load_purposes
from hub.disclosure.library import Library
from hub.errors import HubError
from hub.identity import Identity
from hub.intake import Intake
from hub.oversight import Oversight, Reports
from hub.pathway.profiles import Profile, catalogue_of, load_profiles
from hub.pathway.reports import Framework, load_framework
from hub.record import Chance, Clock, HubSigner, Parked, Record
from hub.record.binding import refuse_older
from hub.record.kept_apart import LINES, Journal
from hub.record.projections import Projected, Projector, ViewStore, migrate_views, open_views
from hub.settings import Mode, Settings, SettingsError
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


@dataclass(frozen=True, slots=True)
class Store:
    """The record and what is folded from it alone: enough for the commands of the directory."""

    settings: Settings
    keys: HubKeys
    clock: Clock
    chance: Chance
    signer: HubSigner
    record: Record
    journal: Journal
    directory: Directory
    profiles: Mapping[str, Profile]

    def close(self) -> None:
        """Commit what is queued, and let go of the database."""
        self.record.close()


@dataclass(frozen=True, slots=True)
class Hub:
    """A whole hub: the store, the views, and the facades of the doors.

    Shape: the `projector` works only once somebody starts it: on PostgreSQL another process does that work.
    """

    store: Store
    catalogue: Catalogue
    view_store: ViewStore
    projected: Projected
    projector: Projector
    identity: Identity
    views: Views
    intake: Intake
    disclosure: Disclosure
    oversight: Oversight
    services: Services
    pages: WebServices

    def close(self) -> None:
        """Stop the projector, then the stores."""
        self.projector.close()
        self.view_store.close()
        self.store.close()


def initialise(settings: Settings, *, new_journal: bool = False) -> tuple[Path, ...]:
    """Make what is missing: folder, keys in development, tables, the journal kept apart; made key files.

    Trust: a journal that is missing beside a record which had one is not made anew without being asked for:
    most often its storage is not mounted, and acts in the old one would not bind after a restore.
    Raises: HubError store.
    """
    chance = SystemChance()
    if not settings.on_postgresql:
        settings.data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = generate_keys(settings, chance)
    keys = load_keys(settings)
    migrate(settings, keys)
    journal = journal_of(settings, keys)
    with closing(Record.open(settings.record, master_key=keys.master, chance=chance)) as record:
        lines = record.mark(LINES)
        Library(record, SystemClock()).keep_shipped()
    if journal.missing() and lines and not new_journal:
        raise HubError(
            "store",
            "The journal kept apart is gone. Mount its storage at HUB_KEPT_APART; if it is lost for ever, "
            "run `hub init --new-journal` and then `hub backup`: older backups cannot be restored any more.",
        )
    journal.begin(lines)
    return made


def migrate(settings: Settings, keys: HubKeys) -> None:
    """Make or change the tables of record and views.

    Raises: HubError store.
    """
    Record.migrate(settings.record, master_key=keys.master, chance=SystemChance())
    migrate_views(_views_at(settings))


def journal_of(settings: Settings, keys: HubKeys) -> Journal:
    """The journal kept apart; nothing is read or made yet."""
    return Journal(settings.kept_apart_folder, master_key=keys.master, hub=settings.id)


def open_store(settings: Settings, chance: Chance | None = None, *, restoring: bool = False) -> Store:
    """The record and the directory; `chance` is the system's unless a test brings its own.

    Raises: HubError store, when there is no record yet, the keys do not open it, or, unless `restoring`, it
    was put back and is not up to the journal kept apart; SettingsError where HUB_PROFILES holds what is no
    profile.
    """
    profiles = profiles_of(settings)
    keys, chance = load_keys(settings), chance or SystemChance()
    signer, journal = signer_of(settings, keys), journal_of(settings, keys)
    record = Record.open(
        settings.record, master_key=keys.master, chance=chance, signer=signer, journal=journal
    )
    try:
        if not restoring:
            refuse_older(record, journal)
        refuse_other_key(record, signer)
        clock = _clock(settings, record)
    except BaseException:
        record.close()
        raise
    directory = Directory(record, clock, profiles.keys())
    return Store(settings, keys, clock, chance, signer, record, journal, directory, profiles)


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
        used=store.record,
    )


@contextmanager
def open_views_of(store: Store) -> Iterator[ViewStore]:
    """The views beside a record, for the block.

    Raises: HubError store.
    """
    with closing(open_views(_views_at(store.settings))) as views:
        yield views


def open_projector(store: Store, views: ViewStore) -> Projector:
    """What keeps the children's index up with the record; not started."""

    def told(parked: Parked) -> None:
        log.part("item-parked", "projection", parked.fault, position=parked.position)

    log = RequestLog(store.clock.wall, process="projector")
    return Projector(store.record, views, [ChildIndex(store.record)], on_parked=told)


def compose(store: Store, log: RequestLog | None = None, *, mending: bool = False) -> Hub:
    """Put the hub together, every part from those below it; the caller starts the projector.

    Shape: `mending` is for officers' work on the sharing rules, where those in force cannot decide.

    1. Rules, catalogue and profiles, once, so that a wrong one stops the start and not a read.
    2. The rooms from the bottom up.
    3. The facades of the two doors.

    Raises: SettingsError where an organisation has adopted a profile that is not there.
    """
    _adopted_profiles_are_there(store)  # 1.
    settings, clock, chance, directory = store.settings, store.clock, store.chance, store.directory
    advance = clock.advance if isinstance(clock, SteppedClock | SharedClock) else None
    library = Library(store.record, clock)
    rules = library.mending() if mending else library.in_force()
    catalogue = catalogue_of(store.profiles.values())
    purposes = load_purposes(directory.lawful_basis)
    view_store = open_views(_views_at(settings))  # 2.
    projected = Projected(view_store, ChildIndex.name, ChildIndex.version)
    projector = open_projector(store, view_store)
    identity = Identity(store.record)
    views = Views(
        record=store.record, identity=identity, directory=directory, catalogue=catalogue,
        projected=projected, profiles=store.profiles,
    )  # fmt: skip
    disclosure = Disclosure(
        record=store.record, views=views, identity=identity, directory=directory, catalogue=catalogue,
        rules=rules, purposes=purposes, profile_of=views.profile_of, clock=clock, chance=chance,
        signer=store.signer,
    )  # fmt: skip
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
        simulated=advance is not None,
    )
    oversight = Oversight(
        record=store.record, views=views, identity=identity, catalogue=catalogue, rules=rules,
        library=library, purposes=purposes, clock=clock, chance=chance,
    )  # fmt: skip
    reports = Reports(
        record=store.record,
        views=views,
        identity=identity,
        directory=directory,
        purposes=purposes,
        clock=clock,
        chance=chance,
        framework=_framework(settings),
        policy_version=rules.version,
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
        ready=probes(
            store.record,
            signer=store.signer,
            projection=projected,
            fault=lambda: projector.fault,
            policy_faults=lambda: disclosure.faults,
            missing_profiles=lambda: missing_profiles(store),
        ),
        rate=RateLimit(
            settings.rate_per_second,
            settings.rate_burst,
            store.record if settings.on_postgresql else None,
            processes=settings.workers,
        ),
        log=log or RequestLog(clock.wall),
        development_issuer=issuer,
        advance=advance,
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
        reports=reports,
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
        fault=lambda kind: services.log.part("page-failed", "pages", kind),
        scales=catalogue.scales,
        profiles={one.id: one.title for one in store.profiles.values()},
        reports=reports,
    )
    return Hub(
        store=store, catalogue=catalogue, view_store=view_store, projected=projected, projector=projector,
        identity=identity, views=views, intake=intake, disclosure=disclosure, oversight=oversight,
        services=services, pages=pages,
    )  # fmt: skip


def profiles_of(settings: Settings) -> Mapping[str, Profile]:
    """The local procedure profiles that organisations can adopt here.

    Raises: SettingsError where HUB_PROFILES holds what is no profile.
    """
    try:
        return load_profiles(settings.profiles)
    except HubError as error:
        raise SettingsError(f"HUB_PROFILES: {error.detail}") from None


def _framework(settings: Settings) -> Framework:
    try:
        return load_framework(settings.framework_statements)
    except HubError as error:
        raise SettingsError(f"HUB_FRAMEWORK_STATEMENTS: {error.detail}") from None


def _adopted_profiles_are_there(store: Store) -> None:
    """Refuse to work where an adopted profile is missing: its clocks and gates would be off, silently."""
    missing = missing_profiles(store)
    if missing:
        raise SettingsError(
            f"HUB_PROFILES: an organisation has adopted {', '.join(missing)}, which is not there, and its "
            "deadlines and checks would be switched off. Put the file back, or let it adopt another: "
            "hub organisation add ID --title TITLE --profile PROFILE"
        )


def missing_profiles(store: Store) -> list[str]:
    """The profiles that organisations have adopted and that this process did not load.

    Raises: HubError store.
    """
    adopted = {one.profile for one in store.directory.organisations() if one.profile is not None}
    return sorted(adopted - store.profiles.keys())


def _clock(settings: Settings, record: Record) -> Clock:
    if settings.mode is not Mode.SIMULATION:
        return SystemClock()
    if settings.on_postgresql:
        return SharedClock(record, settings.simulation_start)
    return SteppedClock(settings.database_path.with_suffix(".clock"), settings.simulation_start)


def _views_at(settings: Settings) -> Path | str:
    """The views stand in the record's database, or in a file of their own beside the record's."""
    if settings.on_postgresql:
        return settings.record
    return settings.database_path.with_name(f"{settings.database_path.stem}-views.db")


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
