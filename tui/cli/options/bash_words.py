"""Completion in bash, which splits a word like `--data=DIR` into three."""

from click.shell_completion import BashComplete, add_completion_class


class Bash(BashComplete):
    """Click handles that only for the word being typed."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one being typed, without `=` between options and values, and that word."""
        words, begun = super().get_completion_args()
        return [word for word in words if word != "="], begun


def register_bash() -> None:
    """Let click use it."""
    add_completion_class(Bash)
