check --diag xml x
