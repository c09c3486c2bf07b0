"""The macros of the library, a module a family, and the table of those a program defines."""
