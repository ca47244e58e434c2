"""Loads the district that ships with the project: tree, posts, items, rules, training, letters.

Everything goes through the handlers, so that the lint judges the shipped items like any others
and the events are published. Loading again changes nothing that stands already as the files
tell. What the files say and where it comes from: `data/README.md`.

`python -m services.catalog.seed` loads the database that CATALOG_DATABASE_URL names;
`--folder` names a copy of the files, with what is the district's own.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from servicekit.calls import Call, Scope
from servicekit.errors import DomainError
from servicekit.identity import Caller
from servicekit.service import Resources, open_resources
from servicekit.telemetry import set_up_logging
from services.catalog.adapters import json_values
from services.catalog.adapters.unit_of_work import SqlCatalogUnitOfWork
from services.catalog.bootstrap import DEFINITION
from services.catalog.config import CatalogSettings
from services.catalog.district_files import SHIPPED, DistrictFiles, DistrictFilesError
from services.catalog.domain.authorities import Authority, AuthorityRecord
from services.catalog.domain.items import ItemVersion, ServiceItem
from services.catalog.domain.letters import AuthorisationLetter, ItemPowers, Power
from services.catalog.domain.posts import Officer, Post, PostKind
from services.catalog.domain.training import items_taught
from services.catalog.domain.units import VILLAGE, Unit, UnitKind
from services.catalog.domain.work_rules import RulesKind
from services.catalog.handlers import items, letters, organisation, training
from workdays import WorkCalendar

__all__ = ["SeedReport", "main", "seed", "shipped_items"]

log = logging.getLogger(__name__)

VILLAGE_POST_SUFFIX: Final = "-P1"
VILLAGE_POST_NAME: Final = "{village}代办点"
_SEEDER: Final = Caller(service="catalog", purpose="seed")


@dataclass(frozen=True, slots=True)
class SeedReport:
    """How much was new or changed; all zero when the district stood already."""

    units: int
    authorities: int
    posts: int
    assignments: int
    versions: int
    rules: int
    trainings: int
    letters: int


def seed(resources: Resources, folder: Traversable = SHIPPED) -> SeedReport:
    """Load a district into the catalogue; safe to repeat.

    What cannot be loaded ends it with `DistrictFilesError`: nothing of that step
    is kept, and the steps before it stand.
    """
    files = DistrictFiles(folder)

    def step(name: str, load: Callable[[SqlCatalogUnitOfWork, DistrictFiles], int]) -> int:
        call = Call(_SEEDER, f"seed:{name}", frozenset({Scope.ANY}), resources.clock.now())
        try:
            with SqlCatalogUnitOfWork(resources.kit, resources.engine, call) as uow:
                done = load(uow, files)
                if done:
                    uow.note(loaded=done)
                    uow.commit()
        except (DomainError, KeyError, ValueError) as error:
            raise DistrictFilesError(f"{files.place}: {_why(error)}") from error
        return done

    return SeedReport(
        units=step("units", _load_units),
        authorities=step("authorities", _load_authorities),
        posts=step("posts", _load_posts),
        assignments=step("assignments", _load_assignments),
        versions=step("versions", lambda uow, files: _load_versions(uow, files, resources)),
        rules=step("rules", _load_rules),
        trainings=step("trainings", _load_trainings),
        letters=step("letters", _load_letters),
    )


def _why(error: Exception) -> str:
    if isinstance(error, DomainError):
        facts = "".join(f", {name} {fact}" for name, fact in error.facts.items())
        return f"{error} ({error.reason}{facts})"
    return f"{error} is missing or unknown" if isinstance(error, KeyError) else str(error)


def shipped_items() -> tuple[ItemVersion, ...]:
    """Return the service items that ship with the project as drafts."""
    return _drafts(DistrictFiles())


def _drafts(files: DistrictFiles) -> tuple[ItemVersion, ...]:
    found: tuple[ItemVersion, ...] = json_values.restore(
        tuple[ItemVersion, ...], json.loads(files.text("service_items.json"))
    )
    return found


def _load_units(uow: SqlCatalogUnitOfWork, files: DistrictFiles) -> int:
    uow.load_all(Unit)
    changed = 0
    for row in files.rows("divisions.csv"):
        changed += organisation.register_unit(
            organisation.RegisterUnit(
                code=row["code"], name=row["name"], kind=UnitKind.DIVISION, parent=row["parent"]
            ),
            uow=uow,
        )
        division = uow.units.look(row["code"])
        if division is not None and division.level == VILLAGE:
            changed += organisation.register_unit(_village_post(division), uow=uow)
    for row in files.rows("units.csv"):
        changed += organisation.register_unit(
            organisation.RegisterUnit(
                code=row["code"],
                name=row["name"],
                kind=UnitKind[row["kind"]],
                parent=row["parent"],
                site=row["site"],
            ),
            uow=uow,
        )
    return changed


def _village_post(village: Unit) -> organisation.RegisterUnit:
    """Every village has one service post (村居代办点), full coverage being the rule.

    Source: R5.4, R5.5.
    """
    return organisation.RegisterUnit(
        code=f"{village.code}{VILLAGE_POST_SUFFIX}",
        name=VILLAGE_POST_NAME.format(village=village.name),
        kind=UnitKind.VILLAGE_POST,
        parent=village.code,
    )


def _load_authorities(uow: SqlCatalogUnitOfWork, files: DistrictFiles) -> int:
    uow.load_all(Authority)
    return sum(
        organisation.register_authority(
            organisation.RegisterAuthority(
                unit=row["unit"],
                prefix=row["prefix"],
                record=AuthorityRecord(
                    from_date=date.fromisoformat(row["from_date"]),
                    review_body=row["review_body"],
                    court=row["court"],
                ),
            ),
            uow=uow,
        )
        for row in files.rows("authorities.csv")
    )


def _load_posts(uow: SqlCatalogUnitOfWork, files: DistrictFiles) -> int:
    uow.load_all(Post)
    return sum(
        organisation.create_post(
            organisation.CreatePost(
                post=row["post"],
                title=row["title"],
                post_kind=PostKind[row["post_kind"]],
                roles=tuple(row["roles"].split("|")),
                unit=row["unit"],
            ),
            uow=uow,
        )
        for row in files.rows("posts.csv")
    )


def _load_assignments(uow: SqlCatalogUnitOfWork, files: DistrictFiles) -> int:
    uow.load_all(Officer)
    return sum(
        organisation.assign_person(
            organisation.AssignPerson(
                assignment=row["assignment"],
                person=row["person"],
                person_name=row["person_name"],
                post=row["post"],
                from_date=date.fromisoformat(row["from_date"]),
                until_date=date.fromisoformat(row["until_date"]) if row["until_date"] else None,
            ),
            uow=uow,
        )
        for row in files.rows("assignments.csv")
    )


def _load_versions(uow: SqlCatalogUnitOfWork, files: DistrictFiles, resources: Resources) -> int:
    """Publish the shipped items that the catalogue does not know.

    An item that stands is left alone: its later versions are the business of the district.
    """
    uow.load_all(ServiceItem)
    published = 0
    for draft in _drafts(files):
        if uow.items.look(draft.item_code) is None:
            items.publish_item_version(
                items.PublishItemVersion(draft),
                uow=uow,
                shipped=WorkCalendar.official(),
                say=resources.say,
            )
            published += 1
    return published


def _load_rules(uow: SqlCatalogUnitOfWork, files: DistrictFiles) -> int:
    """Publish the shipped rules that stand in no place yet; later versions are the district's."""
    published = 0
    for row in files.rows("work_rules.csv"):
        kind = RulesKind[row["kind"]]
        known = uow.work_rules.look(kind.value)
        if known is None or len(known.versions) < int(row["number"]):
            training.publish_work_rules(
                training.PublishWorkRules(
                    kind=kind,
                    document_number=row["document_number"],
                    title=row["title"],
                    from_date=date.fromisoformat(row["from_date"]),
                    text_sha256=row["text_sha256"],
                ),
                uow=uow,
            )
            published += 1
    return published


def _load_trainings(uow: SqlCatalogUnitOfWork, files: DistrictFiles) -> int:
    """Record the shipped trainings, as far as the person is not known to have been taught so.

    Source: R4.9.
    """
    uow.load_all(Officer)
    recorded = 0
    for row in files.rows("training.csv"):
        told = _training(row)
        officer = uow.officers.look(told.person)
        taught = items_taught(officer.trainings, told.trained_on) if officer is not None else ()
        if not uow.items.decided_by(told.authorities) <= frozenset(taught):
            training.record_training(told, uow=uow)
            recorded += 1
    return recorded


def _training(row: dict[str, str]) -> training.RecordTraining:
    return training.RecordTraining(
        person=row["person"],
        rules_version=row["rules_version"],
        trained_on=date.fromisoformat(row["trained_on"]),
        authorities=tuple(row["authorities"].split("|")),
        until_date=date.fromisoformat(row["until_date"]) if row["until_date"] else None,
    )


def _load_letters(uow: SqlCatalogUnitOfWork, files: DistrictFiles) -> int:
    uow.load_all(AuthorisationLetter)
    document = json.loads(files.text("letters.json"))
    signed = 0
    for entry in document["letters"]:
        if uow.letters.look(entry["letter"]) is None:
            letters.sign_authorisation_letter(_letter(entry, document["power_sets"]), uow=uow)
            signed += 1
    return signed


def _letter(
    entry: dict[str, Any], power_sets: dict[str, list[str]]
) -> letters.SignAuthorisationLetter:
    return letters.SignAuthorisationLetter(
        letter=entry["letter"],
        authority=entry["authority"],
        window_unit=entry["window_unit"],
        signatory=entry["signatory"],
        from_date=date.fromisoformat(entry["from_date"]),
        until_date=date.fromisoformat(entry["until_date"]),
        item_powers=tuple(
            ItemPowers(item_code=code, powers=tuple(Power[each] for each in power_sets[name]))
            for code, name in entry["items"].items()
        ),
        scan_sha256=entry["scan_sha256"],
        on_the_spot_deciders=tuple(entry.get("on_the_spot_deciders", ())),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Load the database that the configuration names, once it is migrated."""
    parser = argparse.ArgumentParser(prog="python -m services.catalog.seed")
    parser.add_argument(
        "--folder", type=Path, default=SHIPPED, help="a copy of services/catalog/data"
    )
    folder: Traversable = parser.parse_args(arguments).folder
    settings = CatalogSettings.load(DEFINITION.name)
    set_up_logging(DEFINITION.name, "seed", settings.log_level)
    resources = open_resources(DEFINITION, settings, pool_size=1)
    try:
        log.info("seeded", extra=asdict(seed(resources, folder)))
    except DistrictFilesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        resources.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
