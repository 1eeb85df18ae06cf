"""`python -m empirics` is the same as `weightproof`."""

from empirics.cli import main

if __name__ == "__main__":
    main()
