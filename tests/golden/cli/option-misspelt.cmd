check --strikt x
