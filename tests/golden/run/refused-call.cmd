run {} -- mkdir x
