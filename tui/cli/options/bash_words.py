"""Completion in bash, which takes a word like `--data=DIR` for three."""

from click.shell_completion import BashComplete, add_completion_class


class Bash(BashComplete):
    """Click's, which knows that only of the word being typed."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one being typed, without signs between options and values, and that one."""
        words, begun = super().get_completion_args()
        return [word for word in words if word != "="], begun


def know_bash() -> None:
    """Let click use it."""
    add_completion_class(Bash)
