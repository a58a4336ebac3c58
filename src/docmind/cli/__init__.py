"""The command line: `docmind` opens the app, its subcommands do the same work without it."""
