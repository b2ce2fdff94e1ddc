"""Run the command line as ``python -m reform_analysis``."""

from .cli import main

if __name__ == "__main__":
    main()
