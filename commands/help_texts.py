"""Help texts that are put together: typer keeps a line break wherever there is one."""

from collections.abc import Mapping


def help_text(text: str, columns: Mapping[str, str], example: str) -> str:
    """Return a text of paragraphs, what each column of a file means, and an example, as `--help` shows them."""
    paragraphs = (" ".join(each.split()) for each in text.strip().split("\n\n"))
    listed = (f"{names}: {meaning}." for names, meaning in columns.items())
    return "\n\n".join((*paragraphs, "Columns:", *listed, f"Example: {example}"))
