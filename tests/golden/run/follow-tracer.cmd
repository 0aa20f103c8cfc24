run --explain {} -- true
