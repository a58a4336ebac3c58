"""The sandbox: hostile files are read in a child process that may be killed."""
