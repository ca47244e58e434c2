"""The jobs of what happens around the counter: slips, the exchange, merged windows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from servicekit.blobs import DirectoryBlobStore
from servicekit.jobs import JobHandler, Sweep
from servicekit.sealed import SealedText
from servicekit.service import Resources
from servicekit.texts import DocumentTemplates
from services.intake import handlers
from services.intake.adapters.clients import CatalogClient
from services.intake.adapters.exchange_folder import FolderSink
from services.intake.adapters.slip_printing import SlipPrinter
from services.intake.adapters.unit_of_work import EXPORT
from services.intake.bootstrap import PACKAGE, UnitsOfWork, seal_provider, settings_of
from services.intake.entrypoints.exporting import Exporting
from services.intake.entrypoints.mergers import MergerFollowing, ask_for_mergers
from services.intake.entrypoints.overdue import tell_overdue_assistances
from services.intake.entrypoints.slips import SlipRendering

__all__ = ["counter_handlers", "counter_sweeps"]


def counter_handlers(
    resources: Resources,
    units_of_work: UnitsOfWork,
    blobs: DirectoryBlobStore,
    catalogue: CatalogClient,
) -> Mapping[str, JobHandler]:
    """Return the jobs; the exchange only where there is a folder for it."""
    sealed = SealedText(resources.crypto)
    found: dict[str, JobHandler] = {
        handlers.SLIP: SlipRendering(
            read_engine=resources.read_engine,
            units_of_work=units_of_work,
            sealed=sealed,
            blobs=blobs,
            printer=SlipPrinter(DocumentTemplates(PACKAGE), seal_provider(resources, blobs).mark()),
            directory=catalogue,
        ),
        handlers.FOLLOW: MergerFollowing(resources.read_engine, units_of_work, catalogue.window),
    }
    folder = settings_of(resources).exchange
    if folder is not None:
        sink = FolderSink(folder)
        found[EXPORT] = Exporting(resources.engine, sealed, resources.clock, sink)
    return found


def counter_sweeps(resources: Resources, units_of_work: UnitsOfWork) -> tuple[Sweep, ...]:
    """Return what is looked after here: mergers in effect, village posts that are late."""

    def follow_mergers() -> None:
        ask_for_mergers(resources.read_engine, units_of_work, resources.clock)

    def tell_overdue() -> None:
        tell_overdue_assistances(resources.read_engine, units_of_work, resources.clock)

    return (
        Sweep("follow_mergers", timedelta(minutes=1), follow_mergers),
        Sweep("tell_overdue_assistances", timedelta(minutes=1), tell_overdue),
    )
