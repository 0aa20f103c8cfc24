test --diag=json run-without-sandbox.gate
