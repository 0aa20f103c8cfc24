compile {} --target s390x
