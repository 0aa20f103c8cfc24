check no-such-file.gate
