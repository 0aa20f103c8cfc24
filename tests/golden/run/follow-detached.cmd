run --explain -d {} -- true
