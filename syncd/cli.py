"""The command line: names, options and exit codes of interface.md §1. Each command is a few lines over ``commands``.

Heavy imports happen when a command runs, so that help is quick.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.schema import Config
    from syncd.commands.output import Exit

cli = typer.Typer(
    name="syncd",
    help="Is the launch ready? Reads each department's tracker and keeps one summary issue true.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: quicker, and the same wherever it is read
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Release = Annotated[str | None, typer.Argument(metavar="RELEASE", help="A release's id; all of them by default.")]


LogFormat = Literal["auto", "console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Options:
    config: Path | None
    log_format: LogFormat
    log_level: LogLevel


def _version(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - heavy imports happen when used

        typer.echo(f"syncd {version('syncd')}")
        raise typer.Exit


@cli.callback()
def common(
    context: typer.Context,
    *,
    config: Annotated[
        Path | None,
        typer.Option(help="The configuration; else $SYNCD_CONFIG, ./syncd.yaml, /etc/syncd/syncd.yaml."),
    ] = None,
    log_format: Annotated[LogFormat, typer.Option(help="How logs are written to standard error.")] = "auto",
    log_level: Annotated[LogLevel, typer.Option(help="What is logged.")] = "info",
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = Options(config=config, log_format=log_format, log_level=log_level)


@cli.command(short_help="A launch on sandbox trackers on this machine; needs no account.")
def demo(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="One pass, print the summary, exit.")] = False,
) -> None:
    """Run syncd against sandbox trackers on this machine, with a believable launch in them, until you stop it."""
    from syncd.commands import demo as show  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, show.once if once else lambda: show.live(_hiding(context, "error")))


@cli.command(short_help="Serve a sandbox Jira and Linear on this machine.")
def sandbox(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    *,
    jira_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    linear_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    data_center: Annotated[bool, typer.Option("--data-center", help="Jira Data Center instead of Cloud.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed, another past.")] = 0,
    items: Annotated[int, typer.Option(min=0, max=1_000_000, help="So many more tickets.")] = 0,
    latency_ms: Annotated[int, typer.Option(min=0, max=60_000, help="Pause before each answer.")] = 0,
    load: Annotated[
        list[Path] | None, typer.Option(exists=True, help="Recorded answers: JSON, or CSV with a column `data`.")
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="No work at all, only the launch issue.")] = False,
) -> None:
    """Serve a sandbox Jira and Linear on this machine; print their addresses and tokens as one JSON line."""
    from syncd.commands import sandbox as trackers  # noqa: PLC0415 - heavy imports happen when used

    wish = trackers.Wish(
        jira_port=jira_port,
        linear_port=linear_port,
        data_center=data_center,
        seed=seed,
        items=items,
        latency_ms=latency_ms,
        files=tuple(load or ()),
        empty=empty,
    )
    _leave(context, lambda: trackers.sandbox(wish))


@cli.command()
def init(
    context: typer.Context,
    *,
    tracker: Annotated[str, typer.Option(help="jira or linear: the tracker to begin with.")] = "jira",
) -> None:
    """Write a commented syncd.yaml; never overwrites one."""
    from syncd.commands.start import init as begin  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: begin(tracker, _options(context).config))


@cli.command(short_help="Prove the file, then each tracker; says what each gate matches.")
def check(
    context: typer.Context,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="The file alone; asks no tracker, needs no token.")
    ] = False,
) -> None:
    """Prove the file, then each tracker: who we are, what each gate matches, whether the summary can be written."""
    from syncd.commands import check as prove  # noqa: PLC0415 - heavy imports happen when used

    if offline:
        _leave(context, lambda: prove.check_file(_options(context).config))
    _leave(context, lambda: prove.check(_load(context)))


@cli.command(short_help="Print the summary and what would change; write to no tracker.")
def plan(context: typer.Context, release: Release = None) -> None:
    """Read and judge; print the summary and what it would change. Writes nothing but the local store."""
    from syncd.commands import passes  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: passes.plan(_load(context), release))


@cli.command()
def once(context: typer.Context, release: Release = None) -> None:
    """One complete pass with write-back, then exit: for cron and CI."""
    from syncd.commands import passes  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: passes.once(_load(context), release))


@cli.command(short_help="The daemon: keeps the summaries true until it is stopped.")
def run(context: typer.Context) -> None:
    """Keep the summaries true until stopped: SIGTERM ends it, SIGHUP or a changed file reloads the configuration."""
    from syncd import app  # noqa: PLC0415 - heavy imports happen when used
    from syncd.commands import run as daemon  # noqa: PLC0415 - heavy imports happen when used

    path = app.config_path(_options(context).config)
    _leave(context, lambda: daemon.run(path, _load(context), _hiding(context)))


@cli.command(short_help="The verdict and the gates from the store; asks no tracker.")
def status(
    context: typer.Context,
    release: Release = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    require_ready: Annotated[bool, typer.Option("--require-ready", help="Exit 0 only if launchable, else 3.")] = False,
) -> None:
    """The verdict and the gates from the store, as far as they may still be trusted."""
    from syncd.commands.status import status as tell  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: tell(_load(context, secrets=False), release, as_json=as_json, require_ready=require_ready))


@cli.command(short_help="Why a release stands where it stands; replays evidence.")
def explain(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's id.")],
    gate: Annotated[str | None, typer.Argument(metavar="GATE", help="A gate's id; all of them by default.")] = None,
    *,
    at: Annotated[
        str | None, typer.Option(metavar="SHA", help="A piece of evidence, by four letters of its name or more.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Why: each gate with its items, sources and what people said; of old evidence, and judged again from it."""
    from syncd.commands.explain import explain as tell  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: tell(_load(context, secrets=False), release, gate, at=at, as_json=as_json))


@cli.command(short_help="The verdicts of a release over time, from its evidence.")
def history(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's id.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """The verdicts of a release over time, why evidence was taken, and whether its chain is whole."""
    from syncd.commands.history import history as tell  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: tell(_load(context, secrets=False), release, as_json=as_json))


@cli.command(short_help="What moved between two pieces of evidence.")
def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="SHA", help="The earlier one, by four letters of its name or more.")],
    after: Annotated[str, typer.Argument(metavar="SHA", help="The later one, of the same release.")],
) -> None:
    """What moved between two pieces of evidence: verdict, gates, items, what was said, the target."""
    from syncd.commands.diff import diff as tell  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: tell(_load(context, secrets=False), before, after))


@cli.command(short_help="Use an existing issue as the summary.")
def adopt(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's id.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="The issue's key, in the summary's tracker.")],
) -> None:
    """Use an existing issue as the summary; what stands in it becomes the manager's notes."""
    from syncd.commands import adopt as choose  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: choose.adopt(_load(context), release, key))


@cli.command(short_help="Make a new summary where the old one is gone.")
def recreate(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="A release's id.")],
) -> None:
    """Make a new summary issue where the old one was deleted, hidden or put away."""
    from syncd.commands import adopt as choose  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, lambda: choose.recreate(_load(context), release))


@cli.command()
def schema(context: typer.Context) -> None:
    """Print the JSON Schema of the configuration, for your editor."""
    from syncd.commands.start import schema as write  # noqa: PLC0415 - heavy imports happen when used

    _leave(context, write)


def _options(context: typer.Context) -> Options:
    options = context.obj
    if not isinstance(options, Options):
        raise TypeError("the options were not read")
    return options


def _load(context: typer.Context, *, secrets: bool = True) -> Config:
    """The configuration, with logs set up so that none of its secrets can leave through them."""
    from syncd import app, log  # noqa: PLC0415 - heavy imports happen when used

    options = _options(context)
    config = app.load(options.config, secrets=secrets)
    log.configure(options.log_format, options.log_level, app.secrets_of(config, all_read=secrets))
    return config


def _hiding(context: typer.Context, level: LogLevel | None = None) -> Callable[[list[str]], None]:
    """Sets logs up so that these secrets cannot leave through them, from ``level`` on."""
    from syncd import log  # noqa: PLC0415 - heavy imports happen when used

    options = _options(context)
    return lambda secrets: log.configure(options.log_format, level or options.log_level, secrets)


def _leave(context: typer.Context, act: Callable[[], Exit]) -> None:
    """Run the command and exit with its code; what a person must mend is said without a traceback."""
    from config.error import ConfigError  # noqa: PLC0415 - heavy imports happen when used
    from connectors.errors import TrackerError  # noqa: PLC0415 - heavy imports happen when used
    from syncd import log  # noqa: PLC0415 - heavy imports happen when used
    from syncd.commands.output import Exit, UnknownNameError, warn  # noqa: PLC0415 - heavy imports happen when used
    from syncd.store.errors import StoreError  # noqa: PLC0415 - heavy imports happen when used

    log.configure(_options(context).log_format, _options(context).log_level)
    try:
        code = act()
    except (ConfigError, UnknownNameError) as error:
        warn(str(error))
        code = Exit.USAGE
    except (StoreError, TrackerError) as error:
        warn(f"problem: {error}")
        code = Exit.FAILED
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        warn(f"problem: {error.filename or 'the output'}: {error.strerror or error}")
        code = Exit.FAILED
    except Exception as error:  # noqa: BLE001 - a fault of ours is said in a sentence too
        log.logger("cli").debug("unforeseen", exc_info=True)
        warn(
            f"problem: a fault in syncd ({type(error).__name__}); run it with --log-level debug and report what it says"
        )
        code = Exit.FAILED
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    raise typer.Exit(code)


def _heed_interrupts() -> None:
    """The first Ctrl-C ends the command, the next one the process: each step is safe to kill. Where whoever started it
    has it ignored, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)


def _interrupted(*_: object) -> None:
    from syncd.commands.output import Exit  # noqa: PLC0415 - heavy imports happen when used

    signal.signal(signal.SIGINT, lambda *_: os._exit(Exit.INTERRUPTED))
    os.write(2, b"interrupted; the next pass repairs whatever was begun\n")
    raise KeyboardInterrupt


def main() -> None:
    """The console script. A reader that went away (`syncd status | head`) is no error."""
    try:
        try:
            _heed_interrupts()
            cli(prog_name="syncd")
        finally:
            sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            typer.echo(f"problem: standard output cannot be written: {error.strerror}", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
