"""Everything that can be set from outside, each as an environment variable TANHUI_<NAME>."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one process; read once, never changed."""

    model_config = SettingsConfigDict(env_prefix="TANHUI_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(
        Path(".tanhui"), description="Where the embedded servers keep their data, and the secret key."
    )
    database_url: str | None = Field(
        None,
        description="PostgreSQL the service uses, as a role that owns nothing; unset: an embedded one is started.",
    )
    migration_database_url: str | None = Field(
        None, description="The same database as the role that owns the tables; unset: database_url is used."
    )
    redis_url: str | None = Field(
        None, description="Redis for boards, codes and queues; unset: an embedded one is started."
    )
    secret_key: SecretStr | None = Field(
        None, description="Signs residents' tokens; at least 32 characters. Unset: made once and kept in data_dir."
    )
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[A-Za-z0-9.\-]+(:\d{1,5})?$",
        description="Where people and scanners reach the service, such as https://id.example.org; unset: this machine.",
    )
    contact: str | None = Field(
        None,
        pattern=r"^(https://|mailto:)\S+$",
        description="Where people report mistakes, such as mailto:labels@example.org; unset: pages name the certifier.",
    )
    font_dir: Path | None = Field(
        None, description="Where the fonts of labels are looked for; unset: where this system keeps its fonts."
    )
    api_workers: int = Field(0, ge=0, le=64, description="API processes; 0: one for each two processors, at least one.")
    task_workers: int = Field(1, ge=1, le=64, description="Processes that work through queued tasks.")
    database_pool_size: int = Field(8, ge=1, le=100, description="Database connections per process.")
    batch_max_items: int = Field(256, ge=1, le=1000, description="Most requests one group commit takes.")
    batch_queue_limit: int = Field(
        2048, ge=1, description="Requests that may wait in one process before the answer is 503."
    )
    body_limit_bytes: int = Field(
        2_000_000, ge=1000, description="Largest request body accepted; beyond it the answer is 413."
    )
    import_limit_bytes: int = Field(
        20_000_000, ge=10_000, le=200_000_000, description="Largest file that can be handed in to be imported."
    )
    sales_file_limit_bytes: int = Field(
        300_000_000, ge=10_000, le=2_000_000_000, description="Largest file of sales or returns that can be uploaded."
    )
    token_minutes: int = Field(60, ge=1, le=1440, description="How long a resident's or staff member's token lasts.")
    code_delivery: Literal["console", "none"] | None = Field(
        None,
        description="How one-time codes reach residents: console writes them to the log, none sends nothing. "
        "Unset: console with the embedded database; with one of yours it has to be set.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
