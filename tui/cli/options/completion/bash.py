"""Completion in bash, which splits a word like `--data=DIR` into three."""

from click.shell_completion import BashComplete


class Bash(BashComplete):
    """Click handles that only for the word being typed."""

    def get_completion_args(self) -> tuple[list[str], str]:
        words, begun = super().get_completion_args()
        return [word for word in words if word != "="], begun
