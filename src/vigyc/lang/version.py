"""From this code to its version: one constant, because asking the installation costs more than all else at start-up."""

VERSION = "0.1.0"
