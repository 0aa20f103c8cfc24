check --diag json {}
