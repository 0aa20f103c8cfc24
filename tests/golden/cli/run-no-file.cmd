run no-such.gate -- true
