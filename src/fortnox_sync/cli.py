"""The commands: serve, worker, migrate, rotate-keys, audit, simulator, openapi and demo."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
import yaml
from prometheus_client import start_http_server
from sqlalchemy.exc import SQLAlchemyError

from fortnox_sync import bootstrap, worker
from fortnox_sync.app import create_app
from fortnox_sync.connection.grants import Grants
from fortnox_sync.export import checkup
from fortnox_sync.runtime import telemetry
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.runtime.database import Database, migrate
from fortnox_sync.settings import Settings, SettingsError, read
from fortnox_sync.specimen import specimen_settings
from fortnox_sync.web.server import Server

cli = typer.Typer(
    help="Sales of a Swedish till become vouchers in Fortnox, each booked exactly once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_BROKEN = 1
_USAGE = 2
_MOST_NAMED = 5
_NOT_STARTED = 3  # as uvicorn's own command ends; it has said why


def main() -> None:
    """Run a command; what a person can mend is said in a sentence, without a traceback."""
    try:
        cli()
    except SettingsError as error:
        _say_no(str(error))
    except (SQLAlchemyError, OSError) as error:
        _say_no(f"{type(error).__name__}: {str(error).splitlines()[0]}")


def _say_no(words: str) -> None:
    sys.stderr.write(f"fortnox-sync can't start.\n{words}\n")
    raise SystemExit(_USAGE)


def _settings() -> Settings:
    settings = read()
    telemetry.configure(settings.log_level, settings.log_format)
    return settings


@cli.command()
def serve() -> None:
    """Serve the API and the till's webhooks."""
    settings = _settings()
    asyncio.run(_check_ready(settings))
    service = bootstrap.build(settings, bootstrap.bell_of(settings), process=bootstrap.Process.API)
    config = uvicorn.Config(
        create_app(service),
        host=settings.host,
        port=settings.port,
        log_config=None,
        server_header=False,
        access_log=False,
    )
    server = Server(config, service.broadcast.close)
    with contextlib.suppress(KeyboardInterrupt):  # it has stopped as asked, and says so once more
        server.run()
    if not server.started:
        raise SystemExit(_NOT_STARTED)


@cli.command(name="worker")
def run_worker() -> None:
    """Take closed days to Fortnox."""
    settings = _settings()
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    await _check_ready(settings)
    service = bootstrap.build(settings, LocalBell(), process=bootstrap.Process.WORKER)
    if settings.worker_metrics_port is not None:
        start_http_server(settings.worker_metrics_port, addr=settings.host)
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    async with bootstrap.running(service):
        await worker.work(service, worker.Bells(worker.LANES_AT_ONCE), stopping)


async def _check_migrated(url: str) -> None:
    database = Database(url)
    try:
        migrated = await database.is_migrated()
    finally:
        await database.dispose()
    if not migrated:
        raise SettingsError("The tables are not those this version needs. Run: fortnox-sync migrate")


async def _check_ready(settings: Settings) -> None:
    """Refuse to start without tables or keys: every company would be held up, for a reason nobody sees."""
    await _check_migrated(settings.database_url)
    database = Database(settings.database_url)
    try:
        grants = Grants(database, bootstrap.vault_of(settings))
        lost, unreadable = await grants.lost_keys(), await grants.unreadable()
    finally:
        await database.dispose()
    for key_id, companies in lost.items():
        named = ", ".join(sorted(companies)[:_MOST_NAMED])
        raise SettingsError(
            f"VAULT_KEYS opens none of the tokens that the key {key_id} sealed, those of {len(companies)} "
            f"companies ({named}). Put that key back as it was; nothing is lost meanwhile. Only if it is "
            f"lost for good, run: fortnox-sync rotate-keys --forget {key_id}"
        )
    for one in unreadable:
        telemetry.log.error(
            "vault.unreadable", company_id=one.company_id, column=one.column, key_id=one.key_id
        )


@cli.command(name="migrate")
def run_migrations() -> None:
    """Bring the tables up to what this version needs."""
    migrate(_settings().database_url)


@cli.command()
def rotate_keys(
    *,
    forget: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Let go of tokens whose key is lost: they are fetched anew, or a new consent is asked for.",
        ),
    ] = None,
) -> None:
    """Seal every stored token with the first of VAULT_KEYS; safe while the service runs."""
    settings = _settings()
    if forget is not None:
        typer.echo(f"{asyncio.run(_forget(settings, forget))} secrets that no key opens were let go of.")
    resealed = asyncio.run(_reseal(settings))
    typer.echo(f"{resealed} secrets were sealed anew; older keys may go once every process runs with these.")


async def _forget(settings: Settings, key_id: str) -> int:
    await _check_migrated(settings.database_url)
    service = bootstrap.build(settings, LocalBell())
    async with bootstrap.running(service):
        return await service.link.tokens.grants.forget_sealed_with(key_id)


async def _reseal(settings: Settings) -> int:
    await _check_ready(settings)
    service = bootstrap.build(settings, LocalBell())
    async with bootstrap.running(service):
        return await service.link.tokens.grants.reseal()


@cli.command()
def audit(
    company: Annotated[str | None, typer.Option(help="The till's id of one company; all without.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Ask the database whether every invariant holds; it only reads, and runs beside the service.

    Ends with 0 if all hold, 1 if one is broken, 2 if they can't be asked for.
    """
    findings = asyncio.run(_check_up(_settings().database_url, company))
    typer.echo(json.dumps(_spelled(findings), indent=2) if as_json else "\n".join(_told(findings)))
    if not all(one.holds for one in findings):
        raise SystemExit(_BROKEN)


async def _check_up(url: str, company_id: str | None) -> tuple[checkup.Finding, ...]:
    await _check_migrated(url)
    database = Database(url)
    try:
        if company_id is not None and not await checkup.is_known(database, company_id):
            raise SettingsError("--company is wrong: no till has told of that company.")
        return await checkup.check_up(database, company_id)
    finally:
        await database.dispose()


def _told(findings: Sequence[checkup.Finding]) -> Iterator[str]:
    for one in findings:
        yield f"{'holds ' if one.holds else 'BROKEN'}  {one.name}: {one.rule}"
        for row in one.rows:
            yield "        " + " ".join(f"{name}={value}" for name, value in row.items())
        if one.is_cut:
            yield f"        and more: the first {checkup.MOST_SHOWN} are shown"


def _spelled(findings: Sequence[checkup.Finding]) -> dict[str, Any]:
    """Spell findings for machines; what is `cut` has more rows than are shown."""
    told = [
        {"name": f.name, "rule": f.rule, "holds": f.holds, "rows": [*f.rows], "cut": f.is_cut}
        for f in findings
    ]
    return {"holds": all(one.holds for one in findings), "invariants": told}


@cli.command()
def simulator(host: str = "127.0.0.1", port: int = 8090, seed: int = 0) -> None:
    """Serve a simulated Fortnox to develop against."""
    from fortnox_sync.simulator import create_app as create_simulator  # noqa: PLC0415 - not loaded in production

    uvicorn.run(
        create_simulator(seed=seed),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        date_header=False,
    )


@cli.command()
def openapi() -> None:
    """Print the API's contract."""
    app = create_app(bootstrap.build(specimen_settings(), LocalBell()))
    sys.stdout.write(yaml.safe_dump(app.openapi(), allow_unicode=True, sort_keys=False, width=110))


@cli.command()
def demo(
    case: Annotated[Path | None, typer.Option(help="A day of your own, in the shape of the example.")] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="End when the day is booked.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was booked as JSON.")] = False,
    port: Annotated[
        int | None, typer.Option(help="Port of the API (8000); the simulated Fortnox takes the next one.")
    ] = None,
) -> None:
    """Book a till's day with everything on this machine: API, worker and a simulated Fortnox."""
    from fortnox_sync.demo import play  # noqa: PLC0415 - brings the simulator along

    raise SystemExit(play.run(case, once=once, as_json=as_json, port=port))
