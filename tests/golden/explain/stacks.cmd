explain --target s390x {} clone
