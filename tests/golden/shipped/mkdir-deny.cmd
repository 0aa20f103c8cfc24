check ../../../profiles/apps/mkdir-deny.gate
