doctor --attack --under env x.gate
