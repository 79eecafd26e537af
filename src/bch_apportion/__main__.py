"""The command line as `python -m bch_apportion`."""

from bch_apportion.cli import main

if __name__ == "__main__":
    main()
