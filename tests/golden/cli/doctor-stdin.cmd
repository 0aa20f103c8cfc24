doctor --attack -
