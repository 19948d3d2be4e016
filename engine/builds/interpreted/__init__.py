"""What languages with an interpreter share: building it with cargo, and trying a file. No language."""
