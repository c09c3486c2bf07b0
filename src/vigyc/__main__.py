"""`python -m vigyc`: the command line."""

from vigyc.surfaces.cli.main import main

if __name__ == "__main__":
    main(prog_name="vigyc")
